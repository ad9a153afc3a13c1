using GameStack.Backend;
using GameStack.Backend.Access;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Tests.Backend.Access;

public sealed class PlayerTokensTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestIssuer _issuer = new();
    private readonly FakeTimeProvider _time = new();
    private readonly PlayerKeys _keys;
    private readonly PlayerTokens _tokens;
    private int _signatures;

    public PlayerTokensTests()
    {
        Write(_issuer.PublicPem);
        _keys = new PlayerKeys(
            Options.Create(new PlayersOptions { KeyFile = KeyFile }), _time, NullLogger<PlayerKeys>.Instance);
        _tokens = new PlayerTokens(_keys, _time, NullLogger<PlayerTokens>.Instance);
    }

    private string KeyFile => Path.Combine(_folder.Path, "keys");

    public void Dispose()
    {
        _folder.Dispose();
        _issuer.Dispose();
    }

    [Fact]
    public async Task A_signature_is_checked_once_and_the_rest_of_a_token_every_time()
    {
        var token = _issuer.Issue("ann");
        for (var call = 0; call < 10; call++)
        {
            var result = await _tokens.ValidateTokenAsync(token, Expected());
            Assert.Equal((true, "ann"), (result.IsValid, result.ClaimsIdentity.FindFirst("sub")?.Value));
        }

        Assert.Equal(1, _signatures);
        Assert.False((await _tokens.ValidateTokenAsync(token, Expected(audience: "another"))).IsValid);
        Assert.False((await _tokens.ValidateTokenAsync(token, Expected(at: DateTime.UtcNow.AddHours(1)))).IsValid);
    }

    [Fact]
    public async Task The_keys_of_a_deleted_file_no_longer_count_and_the_other_file_goes_on()
    {
        using var other = new TestIssuer();
        using var third = new TestIssuer();
        var second = Path.Combine(_folder.Path, "second");
        await File.WriteAllTextAsync(second, other.PublicPem, TestContext.Current.CancellationToken);
        var keys = new PlayerKeys(
            Options.Create(new PlayersOptions { KeyFile = $"{KeyFile},{second}" }), _time, NullLogger<PlayerKeys>.Instance);
        var tokens = new PlayerTokens(keys, _time, NullLogger<PlayerTokens>.Instance);
        Assert.True(await CountsAsync(_issuer));
        Assert.True(await CountsAsync(other));

        File.Delete(KeyFile);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await CountsAsync(_issuer)); // It may be being replaced.
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await CountsAsync(_issuer));
        Assert.True(await CountsAsync(other));

        await File.WriteAllTextAsync(second, third.PublicPem, TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await CountsAsync(other));
        Assert.True(await CountsAsync(third));

        File.Delete(second);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await CountsAsync(third));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(await CountsAsync(third));
        Assert.False(await CountsAsync(_issuer));

        async Task<bool> CountsAsync(TestIssuer issuer) =>
            (await tokens.ValidateTokenAsync(issuer.Issue("ann"), Expected(keys: keys))).IsValid;
    }

    [Fact]
    public async Task A_token_whose_key_is_gone_no_longer_counts_a_second_later()
    {
        using var other = new TestIssuer();
        var token = _issuer.Issue("ann");
        Assert.True((await _tokens.ValidateTokenAsync(token, Expected())).IsValid);

        Write(other.PublicPem);
        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.False((await _tokens.ValidateTokenAsync(token, Expected())).IsValid);
        Assert.True((await _tokens.ValidateTokenAsync(other.Issue("ann"), Expected())).IsValid);
    }

    [Fact]
    public async Task A_token_with_the_signature_of_a_checked_one_is_checked_itself()
    {
        var token = _issuer.Issue("ann");
        Assert.True((await _tokens.ValidateTokenAsync(token, Expected())).IsValid);
        var forged = _issuer.Issue("bob");
        forged = forged[..forged.LastIndexOf('.')] + token[token.LastIndexOf('.')..];

        Assert.False((await _tokens.ValidateTokenAsync(forged, Expected())).IsValid);
    }

    [Fact]
    public async Task While_the_authority_does_not_answer_a_token_of_the_file_counts_at_once_and_others_wait()
    {
        using var other = new TestIssuer();
        var authority = new SilentAuthority();
        var token = _issuer.Issue("ann");
        for (var call = 0; call < 10; call++)
        {
            var result = _tokens.ValidateTokenAsync(token, Expected(authority: authority));
            Assert.True((await result.WaitAsync(Waits.Patient, TestContext.Current.CancellationToken)).IsValid);
        }

        Assert.Equal(1, _signatures);
        var waiting = _tokens.ValidateTokenAsync(other.Issue("ann"), Expected(authority: authority));
        Assert.False(waiting.IsCompleted);
        authority.Fail();

        Assert.IsType<DependencyUnavailableException>((await waiting).Exception);
    }

    [Fact]
    public async Task An_authority_that_fails_is_asked_again_after_a_second_and_its_failure_is_logged_once()
    {
        using var other = new TestIssuer();
        using var log = new LogRecords();
        using var loggers = new LoggerFactory([log]);
        var tokens = new PlayerTokens(_keys, _time, loggers.CreateLogger<PlayerTokens>());
        var authority = new SilentAuthority();
        authority.Fail();

        for (var question = 1; question <= 3; question++)
        {
            for (var call = 0; call < 10; call++)
            {
                Assert.True((await ValidateAsync(_issuer)).IsValid);
                Assert.IsType<DependencyUnavailableException>((await ValidateAsync(other)).Exception);
            }

            Assert.Equal(question, authority.Questions);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(LogLevel.Warning, Assert.Single(log.Of(EventIds.AuthorityUnavailable)).Level);
        Assert.Empty(log.Of(EventIds.AuthorityAnswers));
        authority.Answer();
        Assert.True((await ValidateAsync(_issuer)).IsValid);
        Assert.False((await ValidateAsync(other)).IsValid);
        Assert.Single(log.Of(EventIds.AuthorityAnswers));

        Task<TokenValidationResult> ValidateAsync(TestIssuer issuer) =>
            tokens.ValidateTokenAsync(issuer.Issue("ann"), Expected(authority: authority));
    }

    private void Write(string keys) => File.WriteAllText(KeyFile, keys);

    private TokenValidationParameters Expected(
        string audience = TestIssuer.Audience, DateTime? at = null, PlayerKeys? keys = null, SilentAuthority? authority = null)
    {
        return new()
        {
            ConfigurationManager = authority,
            ValidIssuer = TestIssuer.Name,
            ValidAudience = audience,
            ValidateIssuerSigningKey = true,
            LifetimeValidator = (_, expires, _, _) => expires > (at ?? DateTime.UtcNow),
            IssuerSigningKeyResolverUsingConfiguration = (_, _, keyId, parameters, said) =>
            {
                _signatures++;
                return (keys ?? _keys).Find(keyId, parameters, said);
            },
        };
    }

    /// <summary>What an authority says that has no keys.</summary>
    private sealed class Published : BaseConfiguration;

    /// <summary>Never answers a question, until it fails or answers.</summary>
    private sealed class SilentAuthority : BaseConfigurationManager
    {
        private TaskCompletionSource<BaseConfiguration> _answer = new();

        public int Questions { get; private set; }

        public void Fail() => _answer.SetException(new InvalidOperationException("The authority is unavailable."));

        public void Answer()
        {
            _answer = new();
            _answer.SetResult(new Published());
        }

        public override Task<BaseConfiguration> GetBaseConfigurationAsync(CancellationToken cancel)
        {
            Questions++;
            return _answer.Task;
        }

        public override void RequestRefresh()
        {
        }
    }
}
