// A client of npm's SDK as a process: told once where the server is, then one call a line; answers one line each.
//
//     node npm_sdk.mjs 1|2   (with the packages of install.sh in NPM_FOLDER)
//
// 1 is @modelcontextprotocol/sdk (up to 2025-11-25), 2 is @modelcontextprotocol/client (2026-07-28, too). The first
// line of standard input is {transport, command, args, env} or {transport, url, headers}, and {era}; each later one is
// {tool, arguments}. npm_sdk.py drives it.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const line = process.argv[2];
const from = createRequire(pathToFileURL(`${process.env.NPM_FOLDER}/`));
const load = async (name) => import(pathToFileURL(from.resolve(name)));

async function connect({ transport, command, args, env, url, headers, era }) {
    const options = { requestInit: { headers } };
    const identity = { name: 'npm-test', version: '1' };
    if (line === '1') {
        const { Client } = await load('@modelcontextprotocol/sdk/client/index.js');
        const client = new Client(identity);
        if (transport === 'stdio') {
            const { StdioClientTransport } = await load('@modelcontextprotocol/sdk/client/stdio.js');
            await client.connect(new StdioClientTransport({ command, args, env }));
        } else if (transport === 'http') {
            const { StreamableHTTPClientTransport } = await load('@modelcontextprotocol/sdk/client/streamableHttp.js');
            await client.connect(new StreamableHTTPClientTransport(new URL(url), options));
        } else {
            const { SSEClientTransport } = await load('@modelcontextprotocol/sdk/client/sse.js');
            await client.connect(new SSEClientTransport(new URL(url), options));
        }
        return client;
    }
    const all = await load('@modelcontextprotocol/client');
    const { StdioClientTransport } = await load('@modelcontextprotocol/client/stdio');
    const client = new all.Client(identity, { versionNegotiation: { mode: era } });
    const made = {
        stdio: () => new StdioClientTransport({ command, args, env }),
        http: () => new all.StreamableHTTPClientTransport(new URL(url), options),
        sse: () => new all.SSEClientTransport(new URL(url), options),
    };
    await client.connect(made[transport]());
    return client;
}

const say = (document) => process.stdout.write(`${JSON.stringify(document)}\n`);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

try {
    const client = await connect(JSON.parse((await lines.next()).value));
    const { tools } = await client.listTools();
    // The second SDK tells the protocol itself, the first leaves it to the transport.
    const version = client.getNegotiatedProtocolVersion?.() ?? client.transport?.protocolVersion ?? null;
    say({ server: client.getServerVersion()?.name, version, tools: tools.map((tool) => tool.name) });
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
        const { uri, tool, arguments: given } = JSON.parse(next.value);
        if (uri) {
            say(await client.readResource({ uri }));
            continue;
        }
        let told = 0;
        const patience = { onprogress: () => { told += 1; }, timeout: 120_000 };
        const request = { name: tool, arguments: given };
        // The first SDK takes a schema of the result in between.
        const result = await client.callTool(request, ...(line === '1' ? [undefined, patience] : [patience]));
        say({ ...result, told });
    }
    await client.close();
} catch (error) {
    say({ failed: `${error.name}: ${error.message}` });
    process.exitCode = 1;
}
