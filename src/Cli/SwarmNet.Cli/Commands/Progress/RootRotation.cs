using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>Waits until every node trusts and uses a new root certificate (<c>swarm ca --rotate</c>).</summary>
internal static class RootRotation
{
    private const string Digest = "desired root digest";
    private const string Certificates = "  rotated TLS certificates";
    private const string Roots = "  rotated CA certificates";

    public static void Wait(CliContext context, bool quiet)
    {
        var display = new ProgressDisplay(context, quiet);
        using var interrupt = new CancellationTokenSource();
        using var registration = context.CatchInterrupt(interrupt);
        display.Show(Digest, "");
        display.Show(Certificates, "");
        display.Show(Roots, " ");
        var done = false;
        while (!done)
        {
            var swarm = context.Client.Get("/swarm");
            done = !swarm.IsTrue("RootRotationInProgress");
            Show(display, swarm.At("TLSInfo"), [.. context.Client.Get("/nodes").Items()], done);
            display.Flush();
            if (!done && interrupt.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200)))
            {
                display.Message("Operation continuing in background.");
                display.Message($"Use `{context.ProgramName} node ls` to check progress.");
                return;
            }
        }
    }

    private static void Show(ProgressDisplay display, Json wanted, List<Json> nodes, bool done)
    {
        int certificates = 0, roots = 0;
        foreach (var info in nodes.Select(node => node.At("Description", "TLSInfo")))
        {
            if (done || (info.Text("CertIssuerSubject") == wanted.Text("CertIssuerSubject") && info.Text("CertIssuerPublicKey") == wanted.Text("CertIssuerPublicKey")))
            {
                certificates++;
            }

            if (done || info.Text("TrustRoot") == wanted.Text("TrustRoot"))
            {
                roots++;
            }
        }

        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(wanted.Text("TrustRoot")));
        display.Show(Digest, $"sha256:{Convert.ToHexStringLower(digest)}");
        display.Show(Certificates, $"{certificates}/{nodes.Count} nodes", certificates, nodes.Count);
        display.Show(Roots, $"{roots}/{nodes.Count} nodes", roots, nodes.Count);
    }
}
