using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using GameStack.Contracts.Settings;
using GameStack.LoadTester.Run;

namespace GameStack.LoadTester.Report;

/// <summary>Where the summary goes: to standard output, and to a file if the settings name one.</summary>
internal sealed class SummaryOutput : IAsyncDisposable
{
    private readonly LoadConsole _console;
    private readonly bool _isJson;
    private readonly FileStream? _file;

    private SummaryOutput(LoadConsole console, bool isJson, FileStream? file) => (_console, _isJson, _file) = (console, isJson, file);

    /// <summary>Opens the file before the run, so that an hour-long run does not end with a file that cannot be written.</summary>
    public static bool TryOpen(
        LoadSettings settings, LoadConsole console, [NotNullWhen(true)] out SummaryOutput? output, [NotNullWhen(false)] out string? error)
    {
        (output, error) = (null, null);
        try
        {
            output = new SummaryOutput(console, settings.JsonOutput, settings.JsonFile is { } path ? File.Create(path) : null);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = SettingException.Line("--json", settings.JsonFile, "a file that can be written");
            return false;
        }
    }

    public async Task WriteAsync(LoadSummary summary)
    {
        if (_file is not null)
        {
            await JsonSerializer.SerializeAsync(_file, summary, SummaryJson.Default.LoadSummary);
        }

        try
        {
            if (_isJson)
            {
                await _console.Output.WriteLineAsync(JsonSerializer.Serialize(summary, SummaryJson.Default.LoadSummary));
            }
            else
            {
                SummaryText.Write(summary, _console.Output);
            }
        }
        catch (IOException)
        {
            // The terminal was closed.
        }
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;
}
