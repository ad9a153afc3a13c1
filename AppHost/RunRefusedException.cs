namespace GameStack.AppHost;

/// <summary>A run that cannot start; the message says why and names the ways out.</summary>
internal sealed class RunRefusedException(string message) : Exception(message);
