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
            // Without a buffer, WriteAsync meets every error of a write.
            var file = settings.JsonFile is { } path ? File.Create(path, bufferSize: 0) : null;
            output = new SummaryOutput(console, settings.JsonOutput, file);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error = SettingException.Line("--json", settings.JsonFile, "a file that can be written");
            return false;
        }
    }

    /// <summary>Returns false if the file could not be written; standard error then says why.</summary>
    public async Task<bool> WriteAsync(LoadSummary summary)
    {
        await WriteToConsoleAsync(summary);
        if (_file is null)
        {
            return true;
        }

        try
        {
            await _file.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(summary, SummaryJson.Default.LoadSummary));
            return true;
        }
        catch (IOException e)
        {
            await _console.Error.WriteLineAsync($"Could not write {_file.Name}: {e.Message}");
            return false;
        }
    }

    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task WriteToConsoleAsync(LoadSummary summary)
    {
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
}
