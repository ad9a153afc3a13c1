using GameStack.Contracts.Settings;

namespace GameStack.Tests.Contracts;

public sealed class SettingExceptionTests
{
    [Fact]
    public void A_key_in_the_place_of_its_files_name_is_not_repeated() =>
        Assert.Equal(
            "Tickets__KeyFile is not valid; expected a file.",
            SettingException.Line("Tickets:KeyFile", "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMB\n-----END PRIVATE KEY-----", "a file"));

    [Fact]
    public void Any_other_value_is() =>
        Assert.Equal("Tickets__KeyFile is \"/nowhere\"; expected a file.", SettingException.Line("Tickets:KeyFile", "/nowhere", "a file"));
}
