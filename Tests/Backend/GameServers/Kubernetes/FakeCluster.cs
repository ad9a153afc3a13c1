using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>
/// A cluster in memory: an API server with pods, Services and the game server's Deployment in the namespace <c>studio</c>, a ReplicaSet
/// that keeps the pool, and a node that starts a <see cref="StandInServer"/> for each pod.
/// </summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    private const string Pods = "pods";

    /// <summary>A port where nobody listens.</summary>
    private const int Nowhere = 1;

    private readonly WebApplication _app;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, JsonObject> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JsonObject> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TcpForwarder> _nodePorts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StandInServer> _servers = new(StringComparer.Ordinal);
    private readonly List<Channel<string>> _watches = [];
    private readonly ConcurrentQueue<string> _calls = [];
    private int _version = 1;
    private int _pool;

    private FakeCluster(WebApplication app) => _app = app;

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>What to refuse: called with a verb and a resource, such as <c>create pods</c>; null accepts.</summary>
    public Func<string, (int Status, string Message)?> Refuse { get; set; } = _ => null;

    /// <summary>What a call waits for before it is answered; called as <see cref="Refuse"/> is.</summary>
    public Func<string, Task> Delay { get; set; } = _ => Task.CompletedTask;

    /// <summary>A quota for pods.</summary>
    public int MostPods { get; set; } = int.MaxValue;

    /// <summary>The annotations of the pods' template.</summary>
    public JsonObject? Annotations { get; set; } = new() { ["kubectl.kubernetes.io/default-container"] = "game-server" };

    /// <summary>How long a pod takes from its creation until it is ready.</summary>
    public TimeSpan StartTime { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>No pod starts before this is done.</summary>
    public Task MayStart { get; set; } = Task.CompletedTask;

    /// <summary>
    /// The status that pods created for a match get instead of a server, with another number for each <c>{0}</c>; null for a server.
    /// </summary>
    public JsonObject? StatusOfCreated { get; set; }

    /// <summary>
    /// Whether the node port of a pod leads nowhere. It counts for Services that are created from now on; <see cref="Route"/> applies it to
    /// all.
    /// </summary>
    public Func<string, bool> LeadsNowhere { get; set; } = _ => false;

    /// <summary>Prepares each server before its pod is ready.</summary>
    public Action<StandInServer> Prepare { get; set; } = _ => { };

    /// <summary>Every call so far: <c>create pods</c>.</summary>
    public IReadOnlyCollection<string> Calls => _calls;

    /// <summary>The pods' names, in order.</summary>
    public IReadOnlyList<string> PodNames
    {
        get
        {
            lock (_lock)
            {
                return [.. _pods.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    public static async Task<FakeCluster> StartAsync(int pool = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var cluster = new FakeCluster(app);
        app.MapGet("/apis/apps/v1/namespaces/studio/deployments/game-server", cluster.ReadDeploymentAsync);
        app.MapGet("/api/v1/namespaces/studio/{resource}", cluster.ListAsync);
        app.MapGet("/api/v1/namespaces/studio/{resource}/{name}", cluster.ReadAsync);
        app.MapPost("/api/v1/namespaces/studio/{resource}", cluster.CreateAsync);
        app.MapPatch("/api/v1/namespaces/studio/{resource}/{name}", cluster.PatchAsync);
        app.MapDelete("/api/v1/namespaces/studio/{resource}/{name}", cluster.DeleteAsync);
        await app.StartAsync(TestContext.Current.CancellationToken);
        cluster.SetPool(pool);
        return cluster;
    }

    public int Count(string call) => _calls.Count(made => made == call);

    /// <summary>Changes the Deployment's number of replicas.</summary>
    public void SetPool(int pool)
    {
        lock (_lock)
        {
            _pool = pool;
        }

        KeepPool();
    }

    public IReadOnlyList<JsonObject> AllServices()
    {
        lock (_lock)
        {
            return [.. _services.Values.Select(service => (JsonObject)service.DeepClone())];
        }
    }

    public StandInServer ServerOf(string pod)
    {
        lock (_lock)
        {
            return _servers[pod];
        }
    }

    /// <summary>A label or annotation of a pod; null when it is not there, or the pod is gone.</summary>
    public string? Read(string pod, string kind, string name)
    {
        lock (_lock)
        {
            return (string?)_pods.GetValueOrDefault(pod)?["metadata"]?[kind]?[name];
        }
    }

    public string? Label(string pod, string name) => Read(pod, "labels", name);

    public bool HasPod(string name)
    {
        lock (_lock)
        {
            return _pods.ContainsKey(name);
        }
    }

    /// <summary>Edits a pod as an operator does; null removes a label or annotation.</summary>
    public void Edit(string pod, string kind, string name, string? value)
    {
        lock (_lock)
        {
            var metadata = (JsonObject)_pods[pod]["metadata"]!;
            var patch = new JsonObject { [kind] = new JsonObject { [name] = value } };
            JsonPatch.Merge(metadata, patch);
            Changed("MODIFIED", _pods[pod]);
        }

        KeepPool();
    }

    /// <summary>Claims a pod as a backend of another queue does.</summary>
    public void Claim(string pod, Guid match, string queue)
    {
        Edit(pod, "annotations", "gamestack/session", $"{match}");
        Edit(pod, "annotations", "gamestack/backend", $"backend-of-{queue}");
        Edit(pod, "annotations", "gamestack/queue", queue);
        Edit(pod, "annotations", "gamestack/restarts", "0");
        Edit(pod, "labels", "gamestack/pod", pod);
        Edit(pod, "labels", "session_id", $"{match}");
        Edit(pod, "labels", "pool", "claimed");
    }

    /// <summary>Says that a pod's program has exited and was started again.</summary>
    public void Restart(string pod)
    {
        lock (_lock)
        {
            _pods[pod]["status"]!["containerStatuses"]![0]!["restartCount"] = 1;
            Changed("MODIFIED", _pods[pod]);
        }
    }

    /// <summary>Says that a pod has ended.</summary>
    public void End(string pod)
    {
        lock (_lock)
        {
            _pods[pod]["status"]!["phase"] = "Succeeded";
            Changed("MODIFIED", _pods[pod]);
        }
    }

    /// <summary>Changes an object of a Service, or deletes the Service.</summary>
    public void EditService(string name, Action<JsonObject>? edit)
    {
        lock (_lock)
        {
            if (edit is null)
            {
                RemoveService(name);
            }
            else
            {
                edit(_services[name]);
            }
        }
    }

    /// <summary>Somebody else's Service.</summary>
    public void AddService(string name)
    {
        lock (_lock)
        {
            _services[name] = new JsonObject
            {
                ["kind"] = "Service",
                ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = "foreign" },
                ["spec"] = new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["port"] = 1, ["nodePort"] = 9 }) },
            };
        }
    }

    /// <summary>Lets the node ports lead where <see cref="LeadsNowhere"/> says.</summary>
    public void Route()
    {
        lock (_lock)
        {
            foreach (var (name, service) in _services)
            {
                var pod = (string)service["metadata"]!["ownerReferences"]![0]!["name"]!;
                _nodePorts[name].MoveTo(TargetOf(pod), cut: true);
            }
        }
    }

    public void DeletePod(string name)
    {
        lock (_lock)
        {
            RemovePod(name);
        }

        KeepPool();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _watches.ForEach(watch => watch.Writer.TryComplete());
            _watches.Clear();
            _pool = 0;
        }

        await _app.DisposeAsync();
        foreach (var server in _servers.Values)
        {
            server.Dispose();
        }

        foreach (var port in _nodePorts.Values)
        {
            await port.DisposeAsync();
        }
    }

    private static bool Matches(JsonObject thing, string? selector) => string.IsNullOrEmpty(selector)
        || selector.Split(',').Select(pair => pair.Split('=')).All(pair => pair[0].EndsWith('!')
            ? (string?)thing["metadata"]!["labels"]?[pair[0][..^1]] != pair[1]
            : (string?)thing["metadata"]!["labels"]?[pair[0]] == pair[1]);

    private static int? NodePortOf(JsonObject service) => (int?)service["spec"]!["ports"]![0]!["nodePort"];

    private static string Status(string message) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["status"] = "Failure",
        ["message"] = message,
    }.ToJsonString();

    private static Task AnswerAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private Dictionary<string, JsonObject> Of(string resource) => resource == Pods ? _pods : _services;

    /// <summary>Whether the call was refused, and answered so.</summary>
    private async Task<bool> IsRefusedAsync(HttpContext context, string call)
    {
        _calls.Enqueue(call);
        await Delay(call);
        if (Refuse(call) is not var (status, message))
        {
            return false;
        }

        await AnswerAsync(context, status, Status(message));
        return true;
    }

    private async Task ReadDeploymentAsync(HttpContext context)
    {
        if (!await IsRefusedAsync(context, "get deployments"))
        {
            var template = NewPod("template");
            template.Remove("status");
            var deployment = new JsonObject { ["kind"] = "Deployment", ["spec"] = new JsonObject { ["template"] = template } };
            await AnswerAsync(context, 200, deployment.ToJsonString());
        }
    }

    private async Task ListAsync(HttpContext context, string resource, string? labelSelector, bool? watch)
    {
        if (await IsRefusedAsync(context, $"{(watch == true ? "watch" : "list")} {resource}"))
        {
            return;
        }

        if (watch == true)
        {
            await WatchAsync(context, labelSelector);
            return;
        }

        string list;
        lock (_lock)
        {
            var items = Of(resource).Values.Where(thing => Matches(thing, labelSelector)).Select(thing => thing.DeepClone()).ToArray();
            list = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = $"{_version}" },
                ["items"] = new JsonArray(items),
            }.ToJsonString();
        }

        await AnswerAsync(context, 200, list);
    }

    /// <summary>It begins with the present state, which a watch from a version would not repeat; the backend takes both.</summary>
    private async Task WatchAsync(HttpContext context, string? labelSelector)
    {
        var changes = Channel.CreateUnbounded<string>();
        lock (_lock)
        {
            foreach (var pod in _pods.Values.Where(pod => Matches(pod, labelSelector)))
            {
                changes.Writer.TryWrite(Change("MODIFIED", pod));
            }

            _watches.Add(changes);
        }

        context.Response.ContentType = "application/json";
        await context.Response.StartAsync(context.RequestAborted);
        await foreach (var change in changes.Reader.ReadAllAsync(context.RequestAborted))
        {
            await context.Response.WriteAsync(change + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task ReadAsync(HttpContext context, string resource, string name)
    {
        if (await IsRefusedAsync(context, $"get {resource}"))
        {
            return;
        }

        string? found;
        lock (_lock)
        {
            found = Of(resource).GetValueOrDefault(name)?.ToJsonString();
        }

        await (found is null ? AnswerAsync(context, 404, Status($"{resource} \"{name}\" not found")) : AnswerAsync(context, 200, found));
    }

    private async Task CreateAsync(HttpContext context, string resource)
    {
        var made = (JsonObject)(await JsonNode.ParseAsync(context.Request.Body))!;
        var name = (string)made["metadata"]!["name"]!;
        if (await IsRefusedAsync(context, $"create {resource}"))
        {
            return;
        }

        var (status, body) = Create(resource, name, made);
        await AnswerAsync(context, status, body);
    }

    private (int Status, string Body) Create(string resource, string name, JsonObject made)
    {
        lock (_lock)
        {
            // The API server looks at the port before the name.
            if (resource != Pods && NodePortOf(made) is { } asked && _services.Values.Any(service => NodePortOf(service) == asked))
            {
                return (422, Status("spec.ports[0].nodePort: Invalid value: provided port is already allocated"));
            }

            if (Of(resource).ContainsKey(name))
            {
                return (409, Status($"{resource} \"{name}\" already exists"));
            }

            if (resource == Pods)
            {
                if (_pods.Count >= MostPods)
                {
                    return (403, Status(
                        $"pods \"{name}\" is forbidden: exceeded quota: gamestack, requested: pods=1, used: pods={_pods.Count}, limited: "
                        + $"pods={MostPods}"));
                }

                AddPod(made);
                return (201, made.ToJsonString());
            }

            var owner = (string?)made["metadata"]!["ownerReferences"]?[0]?["name"];
            var port = (JsonObject)made["spec"]!["ports"]![0]!;
            if (owner is null || !_servers.ContainsKey(owner))
            {
                return (422, Status("no such pod"));
            }

            if (NodePortOf(made) is { } wanted)
            {
                if (_nodePorts.Values.FirstOrDefault(forwarder => forwarder.Port == wanted) is not { } kept)
                {
                    return (422, Status("spec.ports[0].nodePort: Invalid value: provided port is not in the valid range"));
                }

                kept.MoveTo(TargetOf(owner), cut: true);
            }
            else
            {
                var forwarder = new TcpForwarder(TargetOf(owner));
                _nodePorts[name] = forwarder;
                port["nodePort"] = forwarder.Port;
            }

            made["metadata"]!["uid"] = Guid.NewGuid().ToString();
            _services[name] = made;
            return (201, made.ToJsonString());
        }
    }

    private async Task PatchAsync(HttpContext context, string resource, string name)
    {
        var patch = (await JsonNode.ParseAsync(context.Request.Body))!;
        if (await IsRefusedAsync(context, $"patch {resource}"))
        {
            return;
        }

        var (status, body) = Patch(resource, name, patch);
        await AnswerAsync(context, status, body);
        KeepPool();
    }

    private (int Status, string Body) Patch(string resource, string name, JsonNode patch)
    {
        lock (_lock)
        {
            if (Of(resource).GetValueOrDefault(name) is not { } there)
            {
                return (404, Status($"{resource} \"{name}\" not found"));
            }

            var patched = (JsonObject)there.DeepClone();
            if (patch is JsonArray steps)
            {
                if (!JsonPatch.TryApply(patched, steps))
                {
                    return (422, Status("the server rejected our request due to an error in our request"));
                }
            }
            else
            {
                JsonPatch.Merge(patched, (JsonObject)patch);
                if (!JsonNode.DeepEquals(patched["metadata"]!["uid"], there["metadata"]!["uid"]))
                {
                    return (409, Status("Precondition failed: UID"));
                }

                if (patch["metadata"]!["resourceVersion"] is { } version
                    && !JsonNode.DeepEquals(version, there["metadata"]!["resourceVersion"]))
                {
                    return (409, Status("the object has been modified; please apply your changes to the latest version and try again"));
                }
            }

            Of(resource)[name] = patched;
            if (resource == Pods)
            {
                Changed("MODIFIED", patched);
            }

            return (200, patched.ToJsonString());
        }
    }

    private async Task DeleteAsync(HttpContext context, string resource, string name)
    {
        if (await IsRefusedAsync(context, $"delete {resource}"))
        {
            return;
        }

        string? deleted = null;
        lock (_lock)
        {
            if (_pods.TryGetValue(name, out var pod))
            {
                deleted = pod.ToJsonString();
                RemovePod(name);
            }
        }

        await (deleted is null ? AnswerAsync(context, 404, Status($"pods \"{name}\" not found")) : AnswerAsync(context, 200, deleted));
        KeepPool();
    }

    /// <summary>What a ReplicaSet does: it creates what is missing as far as the quota allows, and deletes what is too much.</summary>
    private void KeepPool()
    {
        lock (_lock)
        {
            var free = _pods.Values.Where(pod => (string?)pod["metadata"]!["labels"]!["pool"] == "standby").ToArray();
            for (var i = free.Length; i < _pool && _pods.Count < MostPods; i++)
            {
                AddPod(NewPod($"game-server-5f6d-{Guid.NewGuid().ToString()[..5]}"));
            }

            foreach (var extra in free.Reverse().Take(Math.Max(free.Length - _pool, 0)))
            {
                RemovePod((string)extra["metadata"]!["name"]!);
            }
        }
    }

    private void AddPod(JsonObject pod)
    {
        var name = (string)pod["metadata"]!["name"]!;
        pod["metadata"]!["uid"] = Guid.NewGuid().ToString();
        pod.Remove("status");
        _pods[name] = pod;
        Changed("ADDED", pod);
        _ = StartAsync(name, (string)pod["metadata"]!["uid"]!);
    }

    private async Task StartAsync(string name, string uid)
    {
        await Task.Delay(StartTime);
        await MayStart;
        lock (_lock)
        {
            if (_pods.GetValueOrDefault(name) is not { } pod || (string?)pod["metadata"]!["uid"] != uid)
            {
                return;
            }

            if (StatusOfCreated is { } status && (string?)pod["spec"]!["restartPolicy"] == "Never")
            {
                pod["status"] = JsonNode.Parse(status.ToJsonString().Replace("{0}", $"{_version}", StringComparison.Ordinal));
                Changed("MODIFIED", pod);
                return;
            }

            var server = _servers[name] = new StandInServer();
            Prepare(server);
            pod["spec"]!["containers"]![0]!["ports"] = new JsonArray(
                new JsonObject { ["name"] = "game", ["containerPort"] = server.GamePort },
                new JsonObject { ["name"] = "control", ["containerPort"] = server.ControlPort });
            pod["status"] = new JsonObject
            {
                ["phase"] = "Running",
                ["podIP"] = "127.0.0.1",
                ["hostIP"] = "127.0.0.1",
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
                ["containerStatuses"] = new JsonArray(new JsonObject
                {
                    ["name"] = "game-server",
                    ["restartCount"] = 0,
                    ["state"] = new JsonObject { ["running"] = new JsonObject() },
                }),
            };
            Changed("MODIFIED", pod);
        }
    }

    private void RemovePod(string name)
    {
        if (!_pods.Remove(name, out var pod))
        {
            return;
        }

        if (_servers.Remove(name, out var server))
        {
            server.Dispose();
        }

        Changed("DELETED", pod);
        foreach (var service in _services.Where(pair => (string?)pair.Value["metadata"]!["ownerReferences"]?[0]?["name"] == name).ToArray())
        {
            RemoveService(service.Key);
        }
    }

    private void RemoveService(string name)
    {
        _services.Remove(name);
        if (_nodePorts.TryGetValue(name, out var port))
        {
            port.MoveTo(Nowhere, cut: true);
        }
    }

    private int TargetOf(string pod) => LeadsNowhere(pod) ? Nowhere : _servers[pod].GamePort;

    private void Changed(string type, JsonObject thing)
    {
        thing["metadata"]!["resourceVersion"] = $"{++_version}";
        var change = Change(type, thing);
        _watches.ForEach(watch => watch.Writer.TryWrite(change));
    }

    private static string Change(string type, JsonObject thing) => JsonSerializer.Serialize(new { type, @object = thing });

    private JsonObject NewPod(string name) => new()
    {
        ["kind"] = "Pod",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["labels"] = new JsonObject { ["app"] = "game-server", ["pool"] = "standby" },
            ["annotations"] = Annotations?.DeepClone(),
        },
        ["spec"] = new JsonObject
        {
            ["containers"] = new JsonArray(new JsonObject
            {
                ["name"] = "game-server",
                ["ports"] = new JsonArray(
                    new JsonObject { ["name"] = "game", ["containerPort"] = 8080 },
                    new JsonObject { ["name"] = "control", ["containerPort"] = 8081 }),
            }),
        },
    };
}
