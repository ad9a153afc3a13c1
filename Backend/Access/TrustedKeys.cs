using System.Runtime.InteropServices;
using Microsoft.IdentityModel.Tokens;

namespace GameStack.Backend.Access;

/// <summary>The keys that count at one time; equal only while neither the files nor the authority's keys were read anew.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TrustedKeys(IReadOnlyList<SecurityKey> OfFiles, BaseConfiguration? Authority);
