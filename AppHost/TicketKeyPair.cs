using System.Security.Cryptography;
using GameStack.AppHost.Servers;
using GameStack.Contracts.Tickets;

namespace GameStack.AppHost;

/// <summary>The key pair of a local run that signs and checks match tickets, kept in the data folder.</summary>
/// <param name="PrivateKeyFile">For the backends.</param>
/// <param name="PublicKeyFile">For the proxy.</param>
internal sealed record TicketKeyPair(string PrivateKeyFile, string PublicKeyFile)
{
    public static TicketKeyPair Of(IDistributedApplicationBuilder builder)
    {
        var folder = Path.Combine(ServerChoice.DataFolder(builder), "tickets");
        return new TicketKeyPair(Path.Combine(folder, "private-key.pem"), Path.Combine(folder, "public-key.pem"));
    }

    /// <summary>Creates the files unless they exist. Only this user can read them.</summary>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be used.</exception>
    /// <exception cref="RunRefusedException">The private key's file has no such key.</exception>
    public void Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Directory.CreateDirectory(Path.GetDirectoryName(PrivateKeyFile)!);
        if (File.Exists(PrivateKeyFile))
        {
            Read(key);
        }
        else
        {
            Write(PrivateKeyFile, key.ExportPkcs8PrivateKeyPem());
        }

        Write(PublicKeyFile, key.ExportSubjectPublicKeyInfoPem());
    }

    private void Read(ECDsa key)
    {
        try
        {
            key.ImportFromPem(File.ReadAllText(PrivateKeyFile));
            _ = TicketKey.Of(key); // It is a P-256 key,
            _ = key.ExportPkcs8PrivateKey(); // and not only the public half.
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new RunRefusedException(
                $"{PrivateKeyFile} has no private key (P-256, PEM): delete this file, and the next run creates a new key pair.");
        }
    }

    /// <summary>Writes a new file and then renames it, so that an interrupted run leaves no half of a key.</summary>
    private static void Write(string path, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var draft = path + ".new";
        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(text);
        }

        File.Move(draft, path, overwrite: true);
    }
}
