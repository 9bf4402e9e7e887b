//! The answer to each method of the protocol. Each handler finds the sender first and then calls the module that knows.

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CancelTaskParams, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, DiscoverResult, GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams, GetSkillResult,
    GetTaskParams, GetTaskResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse, ServerConfig, SubscribeRequestParams,
    SubscriptionFilter, Tool, UnsubscribeRequestParams, UpdateTaskParams,
};
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};

use super::caller::principal_of;
use super::listing::{listed, with_parameter_header};
use super::logging::SetLevel;
use super::pagination::{PRIVATE, STATIC_TTL_MS};
use super::protocol_version::is_stateless_era;
use super::server::Server;
use super::tool_call;
use super::{
    completion, failure, identity, logging, methods, pagination, prompts, protocol_task, resources, skills,
    subscriptions,
};
use crate::domain::{AUDIT_OK, AUDIT_RUNNING, Scope};
use crate::tools::Queueing;

type Context = RequestContext<RoleServer>;
type Answer<T> = Result<T, ErrorData>;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        identity::config()
    }

    async fn discover(&self, _context: Context) -> Answer<DiscoverResult> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(DiscoverResult::from_server_info(versions, self.get_info()).with_ttl_ms(STATIC_TTL_MS))
    }

    async fn list_tools(&self, request: Option<PaginatedRequestParams>, context: Context) -> Answer<ListToolsResult> {
        pagination::only_page(request.as_ref())?;
        // What a caller may not do it is not offered: clients show their model a refusal of HTTP without its words.
        let caller = self.sender(&context.extensions, None)?;
        let tools = self.offered().filter(|tool| caller.may(tool.scope));
        let stateless = is_stateless_era(&context);
        let tools = tools.map(|tool| if stateless { with_parameter_header(tool) } else { listed(tool) }).collect();
        Ok(ListToolsResult::with_all_items(tools).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
    }

    /// rmcp compares the headers of requests since 2026-07-28 with what is marked here.
    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tool(name).map(with_parameter_header)
    }

    async fn call_tool(&self, request: CallToolRequestParams, context: Context) -> Answer<CallToolResponse> {
        let tool = self.tool(&request.name);
        // A name that is none of ours may be anything, so it is not written.
        let name = tool.map_or("unknown", |tool| tool.name);
        let written = self.begin_call(&principal_of(&context.extensions), name, &request.arguments);
        let Some(tool) = tool else {
            self.count(name, "refused");
            written.end("unknown_tool", None);
            return Err(self.unknown_tool(&request.name));
        };
        let server = match self.for_sender(&context, Some(tool.scope)) {
            Ok(server) => server,
            Err(error) => {
                self.count(tool.name, "refused");
                written.end(error.code(), None);
                return Ok(failure::failed_call(self, &error).into());
            }
        };
        let work = tool_call::carry_out(&server, tool, request, context);
        let answered = match tool.queueing {
            Queueing::Observer => server.looking(work).await,
            Queueing::Turn => server.guarded(true, work).await,
            Queueing::Immediate => server.guarded(false, work).await,
        };
        let answered = answered.and_then(|answer| answer);
        match &answered {
            Ok(answer) => {
                let (outcome, task_id) = audited_outcome(answer);
                written.end(outcome, task_id);
            }
            Err(error) => written.end(error.code(), None),
        }
        let answer = answered.unwrap_or_else(|error| failure::failed_call(&server, &error).into());
        self.count(tool.name, outcome(&answer));
        Ok(answer)
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Answer<ListResourcesResult> {
        let server = self.reader(&context)?;
        server.told(server.guarded(true, resources::list(&server, request.as_ref())).await)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Answer<ListResourceTemplatesResult> {
        pagination::only_page(request.as_ref())?;
        let forms = ListResourceTemplatesResult::with_all_items(resources::templates());
        Ok(forms.with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: Context,
    ) -> Answer<ReadResourceResponse> {
        let server = self.reader(&context)?;
        let read = server.guarded(true, resources::read(&server, &request.uri)).await;
        read.and_then(|contents| contents)
            .map(Into::into)
            .map_err(|error| server.let_out_error(failure::failed_read(error)))
    }

    async fn subscribe(&self, request: SubscribeRequestParams, context: Context) -> Answer<()> {
        let server = self.reader(&context)?;
        let work = self.subscriptions().subscribe(&server, &request.uri, &context);
        server.told(server.guarded(true, work).await)
    }

    async fn unsubscribe(&self, request: UnsubscribeRequestParams, context: Context) -> Answer<()> {
        self.subscriptions().unsubscribe(&request.uri, &context);
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(subscriptions::accepted(requested))
    }

    async fn listen(&self, context: SubscriptionContext) -> Answer<()> {
        subscriptions::listen(&self.reader(context.request_context())?, context).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Answer<ListPromptsResult> {
        prompts::list(self, request.as_ref())
    }

    async fn get_prompt(&self, request: GetPromptRequestParams, context: Context) -> Answer<GetPromptResponse> {
        let server = self.reader(&context)?;
        server.told(server.guarded(true, prompts::get(&server, request)).await).map(Into::into)
    }

    async fn complete(&self, request: CompleteRequestParams, context: Context) -> Answer<CompleteResult> {
        let server = self.reader(&context)?;
        server.told(server.guarded(true, completion::complete(&server, &request)).await)
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        _context: Context,
    ) -> Answer<ListSkillsResult> {
        skills::list(request.as_ref())
    }

    async fn get_skill(&self, request: GetSkillRequestParams, _context: Context) -> Answer<GetSkillResult> {
        skills::get(&request.uri)
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        _context: Context,
    ) -> Answer<ReadResourceDirectoryResult> {
        skills::folder(&request)
    }

    async fn set_level(&self, request: SetLevel, context: Context) -> Answer<()> {
        logging::set_level(self, &request, &context)
    }

    async fn get_task(&self, request: GetTaskParams, context: Context) -> Answer<GetTaskResult> {
        let server = self.reader(&context)?;
        server.told(server.looking(protocol_task::get(&server, &request.task_id, &context)).await)
    }

    async fn update_task(&self, request: UpdateTaskParams, context: Context) -> Answer<()> {
        let server = self.for_sender(&context, Some(Scope::Validate))?;
        server.told(server.guarded(true, protocol_task::update(&server, &request.task_id)).await)
    }

    async fn cancel_task(&self, request: CancelTaskParams, context: Context) -> Answer<()> {
        let written = self.begin_call(&principal_of(&context.extensions), "tasks/cancel", &request.task_id);
        let server = match self.for_sender(&context, Some(Scope::Validate)) {
            Ok(server) => server,
            Err(error) => {
                written.end(error.code(), None);
                return self.told(Err::<Result<(), ErrorData>, _>(error));
            }
        };
        let cancelled = server.guarded(false, protocol_task::cancel(&server, &request.task_id)).await;
        let outcome = match &cancelled {
            Ok(Ok(_)) => AUDIT_OK,
            Ok(Err(error)) | Err(error) => error.code(),
        };
        written.end(outcome, None);
        server.told(cancelled)
    }

    /// rmcp hands a known method with wrong parameters here, as if its method were unknown.
    async fn on_custom_request(&self, request: CustomRequest, context: Context) -> Answer<CustomResult> {
        Err(methods::refusal(&request, is_stateless_era(&context), &self.get_info().capabilities))
    }
}

/// Says how a call ended and which task it was about, for the audit trail.
fn audited_outcome(answer: &CallToolResponse) -> (&'static str, Option<String>) {
    match answer {
        CallToolResponse::Complete(result) => tool_call::audited_outcome(result.structured_content.as_ref()),
        CallToolResponse::Task(created) => {
            let task_id = created.task.task_id.split('.').next().unwrap_or_default();
            (AUDIT_RUNNING, Some(task_id.to_owned()))
        }
        _ => ("asked", None),
    }
}

/// Says how a call ended, for what counts calls.
fn outcome(answer: &CallToolResponse) -> &'static str {
    match answer {
        CallToolResponse::Complete(result) if result.is_error == Some(true) => "failed",
        _ => "ok",
    }
}
