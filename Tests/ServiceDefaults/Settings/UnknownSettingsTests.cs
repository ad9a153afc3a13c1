using GameStack.ServiceDefaults.Settings;
using GameStack.Tests.Docs;
using Microsoft.Extensions.Configuration;

namespace GameStack.Tests.ServiceDefaults.Settings;

public sealed class UnknownSettingsTests
{
    [Fact]
    public void A_misspelled_name_is_found_with_the_one_that_is_meant()
    {
        var configuration = Configuration("Test:Sise", "Test:Colour", "test:size");
        configuration.ReadSettings(new Sizes(), "Test");

        Assert.Equal([("Test__Colour", null), ("Test__Sise", "Test__Size")], configuration.FindUnknownSettings().Order());
    }

    [Fact]
    public void Options_that_share_a_section_know_each_others_settings()
    {
        var configuration = Configuration("Test:Size", "Test:Color", "Test:Weight");
        configuration.ReadSettings(new Sizes(), "Test");
        configuration.ReadSettings(new Colors(), "Test");
        configuration.KnowSettings<Weights>("Test");

        Assert.Empty(configuration.FindUnknownSettings());
    }

    [Fact]
    public void Settings_outside_of_the_sections_that_are_read_are_not_ours_to_judge()
    {
        var configuration = Configuration("Other:Sise", "SISE", "OWN_NAMES");
        configuration.ReadSettings(new Sizes(), "Test");

        Assert.Empty(configuration.FindUnknownSettings());
    }

    /// <summary>The programs that the AppHost starts get each other's variables.</summary>
    [Fact]
    public void In_a_section_of_several_programs_each_knows_the_settings_of_all()
    {
        var shared = SettingsTests.OptionsByName
            .Where(option => option.Key.Contains("__", StringComparison.Ordinal))
            .GroupBy(option => option.Key[..option.Key.IndexOf("__", StringComparison.Ordinal)], StringComparer.Ordinal)
            .Where(section => section.Select(option => option.Value.DeclaringType!.Assembly).Distinct().Count() > 1)
            .ToList();

        Assert.NotEmpty(shared);
        foreach (var section in shared)
        {
            var configuration = Configuration([.. section.Select(option => option.Key.Replace("__", ":", StringComparison.Ordinal))]);
            configuration.Know([$"{section.Key}:One"]);

            Assert.Empty(configuration.FindUnknownSettings());
        }
    }

    private static IConfigurationRoot Configuration(params string[] keys) =>
        new ConfigurationBuilder().AddInMemoryCollection(keys.Select(key => KeyValuePair.Create(key, (string?)"1"))).Build();

    private sealed class Sizes
    {
        public int Size { get; set; }

        [SettingName("OWN_NAME")]
        public string? Name { get; set; }
    }

    private sealed class Colors
    {
        public string? Color { get; set; }
    }

    private sealed class Weights
    {
        public int Weight { get; set; }
    }
}
