using GameStack.Contracts.Settings;
using Microsoft.Extensions.Configuration;

namespace GameStack.ServiceDefaults.Settings;

/// <summary>The variable of .NET that names the certificates of private authorities.</summary>
public static class CertificateSetting
{
    private const string Variable = "SSL_CERT_FILE";

    /// <summary>Call for a connection that checks certificates: .NET ignores a file that does not exist, and then trusts nobody.</summary>
    /// <exception cref="SettingException">The file does not exist.</exception>
    public static void CheckCertificates(this IConfiguration configuration)
    {
        if (configuration.FindSetting(Variable) is { } file && !File.Exists(file))
        {
            throw SettingException.For(Variable, file, "the path of a file that exists");
        }
    }
}
