using GameStack.Backend;
using GameStack.Backend.Api;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Matches;
using GameStack.Backend.Queue.Failover;
using GameStack.Backend.Records;
using GameStack.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.Services.AddSingleton(BackendIdentity.Create(builder.Configuration["HOSTNAME"], builder.Configuration["Matchmaking:Queue"]));
builder.AddMatchLife();
builder.AddGameServerFleet();
builder.AddMatchRecords();
builder.AddQueue();
builder.AddMatches();
builder.AddApi();

var app = builder.Build();

app.MapDefaultEndpoints();
app.MapApi();

app.Run();
