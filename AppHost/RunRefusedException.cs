namespace GameStack.AppHost;

/// <summary>The run cannot start; the message says why and how to fix it.</summary>
internal sealed class RunRefusedException(string message) : Exception(message);
