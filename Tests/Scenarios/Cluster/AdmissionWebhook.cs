using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>An admission webhook that judges what backends change on pods, on the machine of the API server.</summary>
internal sealed class AdmissionWebhook : IAsyncDisposable
{
    private const string Name = "operator-test.example.com";
    private const string Backend = $"system:serviceaccount:{ClusterStack.Place}:backend";

    private readonly IKubernetes _cluster;
    private readonly SelfSignedCertificate _certificate = new();
    private readonly WebApplication _app;

    private AdmissionWebhook(IKubernetes cluster)
    {
        _cluster = cluster;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var certificate = X509Certificate2.CreateFromPemFile(_certificate.CertificateFile, _certificate.KeyFile);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        _app = builder.Build();
        _app.MapPost("/", AnswerAsync);
    }

    /// <summary>The status and message of its refusals; null for a webhook that does not answer.</summary>
    public (int Status, string Message)? Refusal { get; set; }

    /// <summary>Starts it, and has the API server ask it.</summary>
    public static async Task<AdmissionWebhook> StartAsync(IKubernetes cluster, (int Status, string Message)? refusal)
    {
        var webhook = new AdmissionWebhook(cluster) { Refusal = refusal };
        await webhook._app.StartAsync();
        var addresses = webhook._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var configuration = new V1ValidatingWebhookConfiguration
        {
            Metadata = new V1ObjectMeta { Name = Name },
            Webhooks =
            [
                new V1ValidatingWebhook
                {
                    Name = Name,
                    AdmissionReviewVersions = ["v1"],
                    SideEffects = "None",
                    FailurePolicy = "Fail",
                    Rules =
                    [
                        new V1RuleWithOperations { ApiGroups = [""], ApiVersions = ["v1"], Operations = ["UPDATE"], Resources = ["pods"] },
                    ],
                    ClientConfig = new Admissionregistrationv1WebhookClientConfig
                    {
                        Url = $"https://localhost:{new Uri(addresses.Single()).Port}/",
                        CaBundle = Encoding.UTF8.GetBytes(webhook._certificate.Certificate),
                    },
                },
            ],
        };
        await cluster.AdmissionregistrationV1.CreateValidatingWebhookConfigurationAsync(configuration);
        return webhook;
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.AdmissionregistrationV1.DeleteValidatingWebhookConfigurationAsync(Name);
        await _app.DisposeAsync();
        _certificate.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var review = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        var request = review["request"]!;
        var response = new JsonObject { ["uid"] = (string?)request["uid"], ["allowed"] = true };
        if ((string?)request["userInfo"]!["username"] == Backend)
        {
            if (Refusal is not var (status, message))
            {
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            response["allowed"] = false;
            response["status"] = new JsonObject { ["code"] = status, ["message"] = message };
        }

        review["response"] = response;
        review.AsObject().Remove("request");
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(review.ToJsonString());
    }
}
