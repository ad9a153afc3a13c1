using GameStack.Backend.Access;
using GameStack.Backend.Api;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Records;
using GameStack.ServiceDefaults;

return await ServiceProgram.RunAsync(args, builder =>
{
    builder.AddServiceDefaults();
    builder.AddMatchLife();
    builder.AddGameServerFleet();
    builder.AddMatchRecords();
    builder.AddQueue();
    builder.AddMatches();
    builder.AddPlayerAccess();
    builder.AddOperators();
    builder.AddApi();

    var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapApi();
    return app;
});
