using System.Net.Security;
using System.Security.Authentication;

namespace GameStack.LoadTester.Stack;

/// <summary>TLS on a player's connection to the gateway.</summary>
internal static class PlayerTls
{
    /// <summary>Checks the gateway's certificate as any client does: its host, its time and its authority.</summary>
    /// <exception cref="AuthenticationException">There is no TLS; the message is a short reason.</exception>
    /// <exception cref="IOException">The connection is lost.</exception>
    public static async Task<Stream> OpenAsync(Stream connection, string host, CancellationToken cancellationToken)
    {
        var errors = SslPolicyErrors.None;
        var stream = new SslStream(connection, leaveInnerStreamOpen: false, (_, _, _, found) =>
        {
            errors = found;
            return found == SslPolicyErrors.None;
        });
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, cancellationToken);
            return stream;
        }
        catch (AuthenticationException e)
        {
            await stream.DisposeAsync();
            throw new AuthenticationException(NetworkFault.Describe(errors), e);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
