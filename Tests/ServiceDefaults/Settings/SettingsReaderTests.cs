using System.ComponentModel.DataAnnotations;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults.Settings;
using Microsoft.Extensions.Configuration;

namespace GameStack.Tests.ServiceDefaults.Settings;

public sealed class SettingsReaderTests
{
    private enum Color
    {
        Red,
        Green,
        DarkBlue,
    }

    [Fact]
    public void A_setting_that_is_missing_or_empty_keeps_its_default()
    {
        var options = Read(("Test:Count", ""), ("Test:Name", "  "));

        Assert.Equal((3, null, TimeSpan.FromSeconds(1)), (options.Count, options.Name, options.Wait));
    }

    [Fact]
    public void White_space_does_not_count_except_at_the_start_of_a_password()
    {
        var options = Read(
            ("Test:Count", " 7\n"), ("OWN_NAME", "\tann \r\n"), ("Test:Password", " p, =w\n"), ("Test:Color", "darkblue"),
            ("Test:Flag", "TRUE"), ("Test:Ratio", "5e-1"), ("Test:Wait", "1.02:03:04.5"), ("Test:Url", "http://[::1]:5080/a"));

        Assert.Equal((7, "ann", " p, =w", Color.DarkBlue), (options.Count, options.Name, options.Password, options.Color));
        Assert.Equal((true, 0.5, new TimeSpan(1, 2, 3, 4, 500)), (options.Flag, options.Ratio, options.Wait));
        Assert.Equal("http://[::1]:5080/a", options.Url!.AbsoluteUri);
    }

    [Theory]
    [InlineData("Test:Count", "many", "Test__Count is \"many\"; expected a whole number from 1 to 9.")]
    [InlineData("Test:Count", "10", "Test__Count is \"10\"; expected a whole number from 1 to 9.")]
    [InlineData("Test:Count", "1.5", "Test__Count is \"1.5\"; expected a whole number from 1 to 9.")]
    [InlineData("Test:Count", "0x5", "Test__Count is \"0x5\"; expected a whole number from 1 to 9.")]
    [InlineData("Test:Least", "0", "Test__Least is \"0\"; expected a whole number, 1 or more.")]
    [InlineData("Test:Ratio", "-0.4", "Test__Ratio is \"-0.4\"; expected a number from 0 to 1.")]
    [InlineData("Test:Ratio", "NaN", "Test__Ratio is \"NaN\"; expected a number from 0 to 1.")]
    [InlineData("Test:Ratio", "0,5", "Test__Ratio is \"0,5\"; expected a number from 0 to 1.")]
    [InlineData("Test:Flag", "yes", "Test__Flag is \"yes\"; expected true or false.")]
    [InlineData("Test:Color", "2", "Test__Color is \"2\"; expected Red, Green or DarkBlue.")]
    [InlineData("Test:Color", "Red,Green", "Test__Color is \"Red,Green\"; expected Red, Green or DarkBlue.")]
    [InlineData("Test:Wait", "10", "Test__Wait is \"10\"; expected a time of more than 0, such as 00:00:10; at most 24 days.")]
    [InlineData("Test:Wait", "0:0:0", "Test__Wait is \"0:0:0\"; expected a time of more than 0, such as 00:00:10; at most 24 days.")]
    [InlineData("Test:Grace", "25.0:0:0", "Test__Grace is \"25.0:0:0\"; expected a time of 0 or more, such as 00:00:10; at most 24 days.")]
    [InlineData("Test:Url", "localhost:80", "Test__Url is \"localhost:80\"; expected an http:// or https:// URL.")]
    [InlineData("Test:Url", "http://a:b@c/?d", "Test__Url is \"http://…@c/?d\"; expected an http:// or https:// URL.")]
    [InlineData("Test:Count", "user:secret@9", "Test__Count is \"…@9\"; expected a whole number from 1 to 9.")]
    [InlineData("Test:Url", "/a\nb", "Test__Url is \"/a b\"; expected an http:// or https:// URL.")]
    [InlineData("OWN_NAME", "b b", "OWN_NAME is \"b b\"; expected a word.")]
    [InlineData("Test:Kind", "c", "Test__Kind is \"c\"; expected a or b.")]
    [InlineData("Test:File", "/no/such/file", "Test__File is \"/no/such/file\"; expected the path of a file that exists.")]
    public void A_wrong_value_is_named_with_its_variable_and_what_is_expected(string key, string value, string message) =>
        Assert.Equal(message, Assert.Throws<SettingException>(() => Read((key, value))).Message);

    [Theory]
    [InlineData("redis", "redis")]
    [InlineData("my_redis.example.com", "my_redis.example.com")]
    [InlineData("10.0.0.7", "10.0.0.7")]
    [InlineData("::1", "::1")]
    [InlineData("[2001:db8::7]", "2001:db8::7")]
    [InlineData("fe80::1%eth0", "fe80::1%eth0")]
    [InlineData("redis:6379", null)]
    [InlineData("[::1]:6379", null)]
    [InlineData("[redis]", null)]
    [InlineData("redis://redis", null)]
    [InlineData("a b", null)]
    [InlineData("[]", null)]
    public void A_host_has_no_port_and_loses_its_brackets(string text, string? host) =>
        Assert.Equal(host, HostAddressAttribute.TryParse(text));

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("fe80::1%eth0")]
    public void An_address_of_this_machine_only_is_no_address_for_others(string text)
    {
        Assert.True(new HostAddressAttribute().IsValid(text));
        Assert.False(new HostAddressAttribute { ForOthers = true }.IsValid(text));
    }

    private static TestOptions Read(params (string Key, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
        .Build()
        .ReadSettings(new TestOptions(), "Test");

    private sealed class TestOptions
    {
        [Range(1, 9)]
        public int Count { get; set; } = 3;

        [Range(1, int.MaxValue)]
        public int Least { get; set; }

        [Range(0, 1)]
        public double Ratio { get; set; }

        public bool? Flag { get; set; }

        public Color Color { get; set; }

        [Duration]
        public TimeSpan Wait { get; set; } = TimeSpan.FromSeconds(1);

        [Duration(orZero: true)]
        public TimeSpan Grace { get; set; }

        public Uri? Url { get; set; }

        [SettingName("OWN_NAME"), RegularExpression(@"^\w+$", ErrorMessage = "a word")]
        public string? Name { get; set; }

        [AllowedValues("a", "b")]
        public string? Kind { get; set; }

        [ExistingFile]
        public string? File { get; set; }

        [DataType(DataType.Password)]
        public string? Password { get; set; }
    }
}
