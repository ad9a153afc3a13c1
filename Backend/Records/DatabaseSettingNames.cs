namespace GameStack.Backend.Records;

/// <summary>Where the parts of the connection to Postgres come from, for messages.</summary>
/// <param name="Credentials">The settings that have the user and the password.</param>
/// <param name="Database">The setting that has the database.</param>
internal sealed record DatabaseSettingNames(string Credentials, string Database);
