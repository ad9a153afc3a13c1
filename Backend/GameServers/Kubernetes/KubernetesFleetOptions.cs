using System.ComponentModel.DataAnnotations;
using GameStack.ServiceDefaults.Settings;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The settings of the section <c>GameServers</c> that only the fleet Kubernetes uses.</summary>
internal sealed class KubernetesFleetOptions
{
    /// <summary>How players reach a match's pod.</summary>
    public GameServerExposure Exposure { get; set; } = GameServerExposure.PodIp;

    /// <summary>The file with the private key that signs each pod's control token, a P-256 key in PEM format.</summary>
    [ExistingFile]
    public string? ControlKeyFile { get; set; }

    /// <summary>How long the cluster's network may take to route players to a server that has its session.</summary>
    [Duration]
    public TimeSpan RouteTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Exposure HostPort: the first of the node ports that matches may use.</summary>
    [Range(1, 65_535)]
    public int FirstHostPort { get; set; } = 7000;

    /// <summary>Exposure HostPort: the last of the node ports that matches may use.</summary>
    [Range(1, 65_535)]
    public int LastHostPort { get; set; } = 7999;

    /// <summary>The namespace of the pods; null for that of the backend's service account.</summary>
    [SettingName("NAMESPACE"), RegularExpression("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", ErrorMessage = "the name of a namespace")]
    public string? Namespace { get; set; }
}
