using System.Reflection;

namespace GameStack.Backend.Queue.Redis;

/// <summary>The Lua scripts in this folder, each but <see cref="Rights"/> prefixed with the code that they share.</summary>
internal static class RedisScripts
{
    public static readonly string Join = Load("join");
    public static readonly string Leave = Load("leave");
    public static readonly string Find = Load("find");
    public static readonly string Hear = Load("hear");
    public static readonly string Advance = Load("advance");
    public static readonly string Renew = Load("renew");
    public static readonly string Assign = Load("assign");
    public static readonly string Retry = Load("retry");
    public static readonly string HandOver = Load("handover");
    public static readonly string End = Load("end");
    public static readonly string Matches = Load("matches");
    public static readonly string Page = Load("page");
    public static readonly string Reopen = Load("reopen");
    public static readonly string Missed = Load("missed");
    public static readonly string Bury = Load("bury");
    public static readonly string Enqueue = Load("enqueue");
    public static readonly string Withdraw = Load("withdraw");
    public static readonly string Adopt = Load("adopt");
    public static readonly string Outbox = Load("outbox");
    public static readonly string Rights = Read("rights.lua");

    private static string Load(string name) => Read("queue.lua") + Read(name + ".lua");

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
