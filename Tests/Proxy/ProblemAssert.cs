using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Proxy;

internal static class ProblemAssert
{
    public static async Task IsAsync(HttpStatusCode status, HttpResponseMessage response)
    {
        var answer = await ApiAnswer.ReadAsync(response, TestContext.Current.CancellationToken);
        answer.IsProblem(status);
    }
}
