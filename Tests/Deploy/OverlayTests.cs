using System.Globalization;
using GameStack.Tests.Support;
using k8s.Models;

namespace GameStack.Tests.Deploy;

/// <summary>What an operator counts on, in each overlay as it would be applied.</summary>
public sealed class OverlayTests
{
    private static readonly string[] Loads = ["kind/load-test", "production/load-test", "test/load-test"];

    public static TheoryData<string> Stacks => ["kind", "production", "test"];

    public static TheoryData<string> All => ["kind", "production", "test", .. Loads];

    /// <summary>The program gets a file of manifests: <c>kubeconform -strict</c>, for instance.</summary>
    [Theory, MemberData(nameof(All)), InlineData("test-node-port"), InlineData("test-host-port"), InlineData("test-gateway"),
        InlineData("production-admission")]
    public async Task Each_overlay_is_what_Kubernetes_takes(string name)
    {
        const string Setting = "GAMESTACK_MANIFEST_CHECK";
        var check = Environment.GetEnvironmentVariable(Setting) ?? "";
        if (check.Length == 0)
        {
            const string Reason = $"{Setting} names no program that checks manifests.";
            Assert.SkipUnless(LocalServerFixture.MustRun, Reason);
            Assert.Fail(Reason);
        }

        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "manifests.yaml");
        await File.WriteAllTextAsync(file, (await Overlay.RenderAsync(name)).Text, TestContext.Current.CancellationToken);

        await CommandLine.RunAsync("sh", ["-c", $"{check} \"$1\"", "check", file], TestContext.Current.CancellationToken);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Every_container_runs_with_no_more_than_it_needs(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        Assert.NotEmpty(overlay.PodTemplates);
        foreach (var (pod, template) in overlay.PodTemplates)
        {
            var spec = template.Spec;
            Assert.Equal(pod, spec.ServiceAccountName);
            Assert.Contains(
                overlay.Objects.OfType<V1ServiceAccount>(),
                account => account.Metadata.Name == pod && account.AutomountServiceAccountToken == false);
            Assert.Equal(pod == "backend", spec.AutomountServiceAccountToken);
            Assert.False(spec.EnableServiceLinks);
            Assert.Equal("RuntimeDefault", spec.SecurityContext.SeccompProfile.Type);
            var container = Assert.Single(spec.Containers);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Contains("memory", container.Resources.Limits.Keys);
            Assert.Contains("cpu", container.Resources.Requests.Keys);
            Assert.Contains(":", container.Image, StringComparison.Ordinal);
            Assert.DoesNotContain("latest", container.Image, StringComparison.Ordinal);
            Assert.NotEqual("Always", container.ImagePullPolicy);
            if ((name, pod) is ("test", "postgres"))
                continue; // Its image may be one that begins as root.

            Assert.True(spec.SecurityContext.RunAsNonRoot);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        }
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Every_server_is_probed_and_a_dependency_that_is_away_restarts_nobody(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        foreach (var (pod, template) in overlay.PodTemplates)
        {
            var container = template.Spec.Containers[0];
            Assert.NotNull(container.ReadinessProbe);
            Assert.NotNull(container.LivenessProbe);
            if (pod is "backend" or "proxy")
            {
                Assert.Equal("/health", container.ReadinessProbe.HttpGet.Path);
                Assert.Equal("/alive", container.LivenessProbe.HttpGet.Path);
                Assert.Equal(GracePeriod(name, pod), template.Spec.TerminationGracePeriodSeconds);
            }
        }
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Backends_proxies_and_game_servers_leave_a_lost_node_after_30_s(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        foreach (var deployment in new[] { "backend", "proxy", "game-server" })
        {
            var tolerations = overlay.Get<V1Deployment>(deployment).Spec.Template.Spec.Tolerations;
            Assert.Equal(
                [("node.kubernetes.io/not-ready", "NoExecute", 30L), ("node.kubernetes.io/unreachable", "NoExecute", 30L)],
                tolerations.Select(toleration => (toleration.Key, toleration.Effect, toleration.TolerationSeconds ?? 0)));
        }
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task The_pool_is_as_the_backends_expect_it(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var pool = overlay.Get<V1Deployment>("game-server");
        var labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = "game-server", ["pool"] = "standby" };
        Assert.Equal(labels, pool.Spec.Selector.MatchLabels);
        Assert.Equal(labels, pool.Spec.Template.Metadata.Labels);
        Assert.Equal(name == "test" ? 8 : 10, pool.Spec.Replicas ?? overlay.Get<V2HorizontalPodAutoscaler>("game-server").Spec.MinReplicas);
        var container = pool.Spec.Template.Spec.Containers[0];
        Assert.Equal("game-server", container.Name);
        Assert.Equal([("game", 8080), ("control", 8081)], container.Ports.Select(port => (port.Name, port.ContainerPort)));
        Assert.Equal("control", (string)container.ReadinessProbe.TcpSocket.Port);
        Assert.Equal(1, container.ReadinessProbe.PeriodSeconds);
        Assert.Equal("metadata.uid", Variable(container, "CONTROL_SUBJECT").ValueFrom.FieldRef.FieldPath);
        Assert.Equal("public-key", Variable(container, "CONTROL_PUBLIC_KEY").ValueFrom.ConfigMapKeyRef.Key);
        Assert.DoesNotContain(overlay.Objects.OfType<V1Service>(), service => service.Metadata.Name == "game-server");

        var budget = overlay.Get<V1PodDisruptionBudget>("game-server-claimed").Spec;
        Assert.Equal("claimed", budget.Selector.MatchLabels["pool"]);
        Assert.True(
            int.Parse(budget.MinAvailable, CultureInfo.InvariantCulture) > 100_000,
            "A percentage does not count for pods without a controller.");
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Only_the_backends_have_rights_and_exactly_those_they_use(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var rules = overlay.Objects.OfType<V1Role>().SelectMany(role => role.Rules)
            .Select(rule =>
                $"{string.Join(',', rule.Resources)} {string.Join(',', rule.ResourceNames ?? [])} {string.Join(',', rule.Verbs)}");
        var expected = new List<string> { "pods  get,list,watch,create,patch,delete", "deployments game-server get" };
        if (overlay.Text.Contains("name: backend-node-port", StringComparison.Ordinal))
            expected.Add("services  get,list,create,patch");

        Assert.Equal(expected, rules);
        Assert.All(overlay.Objects.OfType<V1RoleBinding>(), binding => Assert.Equal("backend", Assert.Single(binding.Subjects).Name));
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Nothing_selects_pods_that_are_not_there(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var load = await Overlay.RenderAsync($"{name}/load-test");
        var pods = overlay.PodTemplates.Concat(load.PodTemplates)
            .Select(pod => new Dictionary<string, string>(pod.Template.Metadata.Labels, StringComparer.Ordinal)).ToList();
        pods.Add(new(StringComparer.Ordinal) { ["app"] = "game-server", ["pool"] = "claimed" });
        var selectors = overlay.Objects.SelectMany(IEnumerable<IDictionary<string, string>> (item) => item switch
        {
            V1Service service => [service.Spec.Selector],
            V1PodDisruptionBudget budget => [budget.Spec.Selector.MatchLabels],
            V1NetworkPolicy policy =>
                (policy.Spec.Ingress ?? []).SelectMany(rule => rule.FromProperty ?? [])
                .Concat((policy.Spec.Egress ?? []).SelectMany(rule => rule.To ?? []))
                .Where(peer => peer is { PodSelector.MatchLabels: not null, NamespaceSelector: null })
                .Select(peer => peer.PodSelector.MatchLabels)
                .Append(policy.Spec.PodSelector.MatchLabels ?? new Dictionary<string, string>(StringComparer.Ordinal)),
            _ => [],
        });
        Assert.All(
            selectors, selector => Assert.Contains(pods, pod => selector.All(label => pod.GetValueOrDefault(label.Key) == label.Value)));
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Applying_an_overlay_again_undoes_nothing_that_an_autoscaler_did(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var scaled = overlay.Objects.OfType<V2HorizontalPodAutoscaler>()
            .Select(scaler => overlay.Get<V1Deployment>(scaler.Spec.ScaleTargetRef.Name)).ToArray();
        Assert.Equal(name == "test" ? 0 : 3, scaled.Length);
        Assert.All(scaled, deployment => Assert.Null(deployment.Spec.Replicas));
    }

    [Fact]
    public async Task In_production_old_records_are_deleted()
    {
        var overlay = await Overlay.RenderAsync("production");

        Assert.Equal("90", Variable(overlay.Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0], "Records__KeepDays").Value);
    }

    /// <summary>Backends try an address before players are told, and the load tester plays there.</summary>
    [Fact]
    public async Task Where_matches_are_reached_by_a_node_the_network_lets_backends_and_the_load_tester_through()
    {
        var overlay = await Overlay.RenderAsync("test-node-port");
        var policy = overlay.Get<V1NetworkPolicy>("node-port").Spec;
        Assert.Equal(["backend", "load-tester"], Assert.Single(policy.PodSelector.MatchExpressions).Values);
        Assert.Null(Assert.Single(policy.Egress).To);
    }

    [Fact]
    public async Task In_production_only_proxies_and_backends_reach_the_game_servers()
    {
        var overlay = await Overlay.RenderAsync("production");
        var backend = overlay.Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0];
        Assert.Equal("Gateway", Variable(backend, "GameServers__Exposure").Value);
        Assert.NotEmpty(Variable(backend, "Gateway__PublicHost").Value);

        var ports = overlay.Get<V1NetworkPolicy>("game-server").Spec.Ingress.SelectMany(rule => rule.Ports.Select(
            port => ((string)port.Port, string.Join(',', rule.FromProperty.Select(peer => peer.PodSelector.MatchLabels["app"])))));
        Assert.Equal([("8080", "proxy,backend"), ("8081", "backend")], ports);
        var proxy = overlay.Get<V1NetworkPolicy>("proxy").Spec;
        Assert.Equal(["8080", "7777"], Assert.Single(proxy.Ingress).Ports.Select(port => (string)port.Port));
        Assert.Contains(proxy.Egress, rule => rule.To.Any(peer => peer.PodSelector.MatchLabels["app"] == "game-server"));
        Assert.DoesNotContain(overlay.Objects.OfType<V1NetworkPolicy>(), policy => policy.Metadata.Name == "node-port");
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task The_gateway_has_a_port_and_the_public_key_of_the_tickets(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var proxy = overlay.Get<V1Deployment>("proxy").Spec.Template.Spec;
        var keyFile = Variable(proxy.Containers[0], "Tickets__PublicKeyFile").Value;
        Assert.StartsWith(
            proxy.Containers[0].VolumeMounts.Single(mount => mount.Name == "match-tickets").MountPath, keyFile, StringComparison.Ordinal);
        Assert.Equal("match-tickets", proxy.Volumes.Single(volume => volume.Name == "match-tickets").ConfigMap.Name);
        Assert.Equal(7777, overlay.Get<V1Service>("proxy").Spec.Ports.Single(port => port.Name == "gateway").Port);
    }

    [Theory, MemberData(nameof(All)), InlineData("test-node-port"), InlineData("test-host-port"), InlineData("test-gateway"),
        InlineData("production-admission")]
    public async Task Passwords_come_from_secrets_that_are_not_in_the_repository(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        Assert.DoesNotContain("kind: Secret", overlay.Text, StringComparison.Ordinal);
        var containers = overlay.PodTemplates.SelectMany(pod => pod.Template.Spec.Containers);
        foreach (var variable in containers.SelectMany(container => container.Env))
        {
            if (!variable.Name.EndsWith("PASSWORD", StringComparison.Ordinal))
                Assert.DoesNotContain("assword", variable.Value ?? "", StringComparison.OrdinalIgnoreCase);
            else if (variable.ValueFrom is { } source)
                Assert.Equal("passwords", source.SecretKeyRef.Name);
            else
                Assert.StartsWith("$(SECRET_", variable.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task In_production_idle_connections_outlast_common_load_balancers()
    {
        var overlay = await Overlay.RenderAsync("production");
        var proxy = overlay.Get<V1Deployment>("proxy").Spec.Template.Spec.Containers[0];

        var time = TimeSpan.Parse(Variable(proxy, "Limits__KeepAliveTimeout").Value, CultureInfo.InvariantCulture);

        Assert.InRange(time, TimeSpan.FromSeconds(610), TimeSpan.FromDays(1));
    }

    [Theory, MemberData(nameof(Stacks))]
    public async Task Backends_get_no_administrators_password(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var keys = overlay.Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0].Env
            .Select(variable => variable.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>()
            .Where(reference => reference.Name == "passwords").Select(reference => reference.Key);
        Assert.Equal(["redis-gamestack", "postgres-gamestack"], keys);
    }

    [Theory]
    [InlineData("kind", "restricted")]
    [InlineData("production", "restricted")]
    [InlineData("test", "baseline")]
    [InlineData("test-node-port", "baseline")]
    [InlineData("test-host-port", "privileged")]
    public async Task The_namespace_enforces_as_much_Pod_Security_as_its_pods_allow(string name, string level)
    {
        var overlay = await Overlay.RenderAsync(name);
        var place = Assert.Single(overlay.Objects.OfType<V1Namespace>());
        Assert.Equal(level, place.Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.Equal(place.Metadata.Name, overlay.Get<V1Deployment>("backend").Metadata.NamespaceProperty);
        foreach (var (pod, template) in overlay.PodTemplates.Where(_ => level == "restricted"))
        {
            var spec = template.Spec;
            Assert.True(spec.SecurityContext.RunAsNonRoot, pod);
            Assert.True(spec.HostNetwork is null && spec.HostPID is null && spec.HostIPC is null, pod);
            Assert.All(
                spec.Volumes ?? [],
                volume => Assert.True((volume.EmptyDir ?? (object?)volume.Secret ?? volume.ConfigMap) is not null, volume.Name));
            Assert.All(spec.Containers[0].Ports ?? [], port => Assert.Null(port.HostPort));
        }
    }

    /// <summary>The proxy probes each backend itself, and asks a draining one for the players that only it knows.</summary>
    [Theory, MemberData(nameof(Stacks))]
    public async Task The_proxy_finds_the_address_of_each_backend(string name)
    {
        var overlay = await Overlay.RenderAsync(name);
        var service = overlay.Get<V1Service>("backend-pods").Spec;
        Assert.Equal(("None", true, "backend"), (service.ClusterIP, service.PublishNotReadyAddresses, service.Selector["app"]));
        var proxy = overlay.Get<V1Deployment>("proxy").Spec.Template.Spec.Containers[0];
        var ports = service.Ports.ToDictionary(port => port.Name, port => port.Port);
        Assert.Equal($"http://backend-pods:{ports["http"]}", Variable(proxy, "BACKEND_URL").Value);
        Assert.Equal($"http://backend-pods:{ports["short"]}", Variable(proxy, "BACKEND_SHORT_URL").Value);
        var backend = overlay.Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0];
        Assert.Equal($"{ports["short"]}", Variable(backend, "ShortCalls__Port").Value);
    }

    [Theory]
    [InlineData("production", "Required")]
    [InlineData("kind", "Optional")]
    [InlineData("test", "Optional")]
    public async Task Every_overlay_says_whether_players_need_tickets_and_has_the_key_that_signs_them(string name, string tickets)
    {
        var pod = (await Overlay.RenderAsync(name)).Get<V1Deployment>("backend").Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);
        Assert.Equal(tickets, Variable(container, "GameServers__Tickets").Value);

        var volume = Assert.Single(pod.Volumes, volume => volume.Secret?.SecretName == "match-tickets");
        var mount = Assert.Single(container.VolumeMounts, mount => mount.Name == volume.Name);
        Assert.Equal($"{mount.MountPath}/{Assert.Single(volume.Secret.Items).Path}", Variable(container, "Tickets__KeyFile").Value);
    }

    /// <summary>Empty settings count as not set, so a backend does not start before they are filled in.</summary>
    [Fact]
    public async Task In_production_players_prove_who_they_are_and_the_issuer_is_yet_to_be_named()
    {
        var backend = (await Overlay.RenderAsync("production")).Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0];

        Assert.Equal("Jwt", Variable(backend, "Players__Authentication").Value);
        Assert.All(["Players__Authority", "Players__Audience"], name => Assert.Equal("", Variable(backend, name).Value ?? ""));
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("test")]
    public async Task Elsewhere_a_player_is_the_one_that_a_call_names(string name)
    {
        var backend = (await Overlay.RenderAsync(name)).Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0];

        Assert.Equal("None", Variable(backend, "Players__Authentication").Value);
    }

    [Theory]
    [InlineData("production", "Operators")]
    [InlineData("kind", "Anyone")]
    [InlineData("test", "Anyone")]
    public async Task Every_overlay_says_who_may_do_what_operators_do(string name, string access)
    {
        var backend = (await Overlay.RenderAsync(name)).Get<V1Deployment>("backend").Spec.Template.Spec.Containers[0];

        Assert.Equal(access, Variable(backend, "Operators__Access").Value);
        var keys = backend.Env.Where(variable => variable.ValueFrom?.SecretKeyRef?.Name == "operators")
            .Select(variable => (variable.Name, variable.ValueFrom.SecretKeyRef.Key, variable.ValueFrom.SecretKeyRef.Optional ?? false));
        (string, string, bool)[] expected =
            name == "production" ? [("Operators__Key", "key", false), ("Operators__SecondKey", "second-key", true)] : [];
        Assert.Equal(expected, keys);
    }

    /// <summary>Longer than the drains together. Production's proxies wait for the matches that are played through them.</summary>
    private static int GracePeriod(string overlay, string pod) => (overlay, pod) switch
    {
        ("production", "proxy") => 690,
        (_, "proxy") => 90,
        _ => 60,
    };

    private static V1EnvVar Variable(V1Container container, string name) => container.Env.Single(variable => variable.Name == name);
}
