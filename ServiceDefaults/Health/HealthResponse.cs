using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.ServiceDefaults.Health;

/// <summary>
/// <c>{"status":"ok"}</c> or <c>{"status":"degraded","checks":{"PostgreSql":"unhealthy"}}</c>. Descriptions and exceptions are left out,
/// since they contain addresses and sometimes more; <c>"reasons":{"game_servers":"…"}</c> has what a check says for everybody
/// (<see cref="HealthReasons"/>).
/// </summary>
internal static class HealthResponse
{
    public static async Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        foreach (var (name, _) in NotHealthy(report))
        {
            context.Response.Headers.Append(HealthHeaders.Degraded, name);
        }

        await using (var json = new Utf8JsonWriter(context.Response.BodyWriter))
        {
            Write(json, report);
        }

        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Write(Utf8JsonWriter json, HealthReport report)
    {
        json.WriteStartObject();
        json.WriteString("status"u8, report.Status == HealthStatus.Healthy ? "ok"u8 : "degraded"u8);
        if (report.Status != HealthStatus.Healthy)
        {
            json.WriteStartObject("checks"u8);
            foreach (var (name, entry) in NotHealthy(report))
            {
                json.WriteString(name, entry.Status == HealthStatus.Degraded ? "degraded"u8 : "unhealthy"u8);
            }

            json.WriteEndObject();
            WriteReasons(json, report);
        }

        json.WriteEndObject();
    }

    private static void WriteReasons(Utf8JsonWriter json, HealthReport report)
    {
        var reasons = NotHealthy(report).Select(check => (Name: check.Key, Reason: HealthReasons.Of(check.Value.Data)))
            .Where(check => check.Reason is not null).ToArray();
        if (reasons.Length == 0)
        {
            return;
        }

        json.WriteStartObject("reasons"u8);
        foreach (var (name, reason) in reasons)
        {
            json.WriteString(name, reason);
        }

        json.WriteEndObject();
    }

    private static IEnumerable<KeyValuePair<string, HealthReportEntry>> NotHealthy(HealthReport report) =>
        report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy);
}
