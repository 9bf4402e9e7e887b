// The peer in TypeScript: @modelcontextprotocol/sdk with one tool, on node's own HTTP server.
//
//     node sdk_peer.mjs stdio|http|sse PORT    (with the package in NPM_FOLDER/node_modules)
//
// Its faster settings: answers as JSON, no framework in between.

import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const from = createRequire(pathToFileURL(`${process.env.NPM_FOLDER}/`));
const load = async (name) => import(pathToFileURL(from.resolve(name)));
const sdk = (name) => load(`@modelcontextprotocol/sdk/server/${name}.js`);
const { McpServer } = await sdk('mcp');
const { z } = await load('zod');

const text = { text: z.string() };

function make() {
    const server = new McpServer({ name: 'peer', version: '1' });
    server.registerTool('echo', { description: 'Return the text.', inputSchema: text, outputSchema: text }, async (given) => ({
        content: [{ type: 'text', text: JSON.stringify(given) }],
        structuredContent: given,
    }));
    return server;
}

async function streamable() {
    const { StreamableHTTPServerTransport } = await sdk('streamableHttp');
    const sessions = new Map();
    return async (request, response) => {
        let transport = sessions.get(request.headers['mcp-session-id']);
        if (!transport) {
            transport = new StreamableHTTPServerTransport({
                sessionIdGenerator: randomUUID,
                enableJsonResponse: true,
                onsessioninitialized: (id) => sessions.set(id, transport),
                onsessionclosed: (id) => sessions.delete(id),
            });
            await make().connect(transport);
        }
        await transport.handleRequest(request, response);
    };
}

async function streams() {
    const { SSEServerTransport } = await sdk('sse');
    const sessions = new Map();
    return async (request, response) => {
        if (request.method === 'GET') {
            const transport = new SSEServerTransport('/messages', response);
            sessions.set(transport.sessionId, transport);
            response.on('close', () => sessions.delete(transport.sessionId));
            await make().connect(transport);
            return;
        }
        const id = new URL(request.url, 'http://127.0.0.1').searchParams.get('sessionId');
        await sessions.get(id).handlePostMessage(request, response);
    };
}

const [transport, port] = process.argv.slice(2);
if (transport === 'stdio') {
    const { StdioServerTransport } = await sdk('stdio');
    await make().connect(new StdioServerTransport());
} else {
    createServer(await (transport === 'http' ? streamable() : streams())).listen(Number(port), '127.0.0.1');
}
