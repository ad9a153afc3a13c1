using GameStack.Backend.Api;
using GameStack.Contracts.Api;

namespace GameStack.Backend.Access;

/// <summary>Finds out who calls, refuses wrong credentials, and logs what an operator does: one event for each call.</summary>
internal sealed class OperatorFilter(Operators operators, OperatorAudit audit) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        Caller caller;
        try
        {
            caller = await operators.IdentifyAsync(http);
        }
        catch (DependencyUnavailableException unavailable)
        {
            // Another credential may be enough for the route; if it is not, the route fails with this.
            http.Features.Set(unavailable);
            return await next(context);
        }

        http.Features.Set(caller);
        if (caller is { Kind: CallerKind.Refused, MayOperate: false } && !MayShowTicket(http))
        {
            return Problems.WrongCredential(http.Response);
        }

        if (caller.Kind != CallerKind.Operator)
        {
            return await next(context);
        }

        int? answer = null;
        try
        {
            var result = await next(context);
            answer = StatusOf(result);
            return result;
        }
        finally
        {
            audit.Acted(http, caller.Name, answer);
        }
    }

    private static bool MayShowTicket(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<TicketCounts>() is not null
        && http.Request.Headers.ContainsKey(CredentialHeaders.MatchTicket);

    private static int StatusOf(object? result) =>
        ((result is INestedHttpResult nested ? nested.Result : result) as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK;
}
