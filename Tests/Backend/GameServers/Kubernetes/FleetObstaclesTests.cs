using GameStack.Backend.GameServers.Kubernetes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class FleetObstaclesTests : IDisposable
{
    private const string CreatePods = "create pods";
    private const int Met = 451;
    private const int Passed = 457;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _logs = new();
    private readonly ILoggerFactory _logging;
    private readonly FleetObstacles _obstacles;

    public FleetObstaclesTests()
    {
        _logging = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(_logs));
        _obstacles = new FleetObstacles(_time, _logging.CreateLogger<FleetObstacles>());
    }

    public void Dispose()
    {
        _logging.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public void Reasons_that_alternate_are_logged_once_each_and_end_together()
    {
        for (var i = 0; i < 200; i++)
        {
            Meet("minimum is [cpu 1, memory 1Gi]");
            Meet("minimum is [memory 1Gi, cpu 1]");
            Meet("exceeded quota");
        }

        Assert.Equal(3, _logs.Of(Met).Count);
        Assert.Equal(["Cannot create pods: exceeded quota"], _obstacles.Reasons);
        _obstacles.Pass(CreatePods);
        _obstacles.Pass(CreatePods);

        Assert.Empty(_obstacles.Reasons);
        Assert.Equal("Can create pods again, after 600 s", Assert.Single(_logs.Of(Passed)).Message);
    }

    [Fact]
    public void A_reason_that_returns_after_a_minute_is_logged_again_while_another_one_stays()
    {
        Meet("exceeded quota");
        for (var i = 0; i < 61; i++)
        {
            Meet("no room");
        }

        Meet("exceeded quota");

        Assert.Equal(["exceeded quota", "no room", "exceeded quota"], _logs.Of(Met).Select(record => record.Properties["Reason"]));
    }

    [Fact]
    public void Reasons_that_are_never_the_same_do_not_fill_the_log()
    {
        for (var i = 0; i < 60; i++)
        {
            Meet($"denied at {i}");
        }

        Assert.Equal(16, _logs.Of(Met).Count);
        Assert.Equal(["Cannot create pods: denied at 59"], _obstacles.Reasons);
    }

    [Fact]
    public void An_API_server_that_is_unavailable_meanwhile_does_not_hide_that_a_logged_reason_is_over()
    {
        Meet("exceeded quota");
        _obstacles.Meet(CreatePods, "The API server is unavailable.", "unavailable", LogLevel.Debug);
        _obstacles.Pass(CreatePods);

        Assert.Single(_logs.Problems);
        Assert.Single(_logs.Of(Passed));
    }

    [Fact]
    public void A_reason_that_returns_at_once_is_not_logged_again()
    {
        Meet("exceeded quota");
        _obstacles.Pass(CreatePods);
        Meet("exceeded quota");

        Assert.Equal(["Cannot create pods: exceeded quota"], _obstacles.Reasons);
        Assert.Single(_logs.Of(Met));
    }

    private void Meet(string reason)
    {
        _obstacles.Meet(CreatePods, reason);
        _time.Advance(Second);
    }
}
