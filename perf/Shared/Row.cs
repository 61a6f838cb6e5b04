using System.Globalization;

namespace SwarmNet.Perf;

/// <summary>One line of a table: our figure beside a peer's, and the ratio that was wanted.</summary>
/// <param name="Title">What was measured.</param>
/// <param name="Ours">Our figure.</param>
/// <param name="Peer">What it is compared with; null for a row whose goal is an absolute figure.</param>
/// <param name="Unit">Unit of both.</param>
/// <param name="Goal">The wanted ratio ours / peer, or the wanted figure when there is no peer.</param>
/// <param name="LowerIsBetter">Of two figures, the lower is the better one.</param>
/// <param name="PeerName">What the peer is, where it differs from row to row.</param>
/// <param name="PairedRatio">Median of the ratios of figures taken one right after the other; null = the ratio of the two figures.</param>
internal sealed record Row(
    string Title, double Ours, double? Peer, string Unit, double Goal, bool LowerIsBetter, string? PeerName = null, double? PairedRatio = null)
{
    public double? Ratio => Peer is null ? null : PairedRatio ?? (Ours / Peer);

    /// <summary>Against the goal: within a tenth of it is no difference on a shared machine.</summary>
    public string Result
    {
        get
        {
            double figure = Ratio ?? Ours;
            if (figure == Goal)
            {
                return Peer is null ? "WINS" : "EVEN";
            }

            double gain = LowerIsBetter ? Goal / figure : figure / Goal;
            return gain >= 1.1 ? "WINS" : gain > 1 / 1.1 ? "EVEN" : "LOSES";
        }
    }

    public override string ToString()
    {
        string goal = (LowerIsBetter ? "≤ " : "≥ ") + Number(Goal) + (Peer is null ? " " + Unit : "×");
        string peer = Peer is null ? "" : $"{Number(Peer.Value)} {Unit}{(PeerName is null ? "" : $" ({PeerName})")}";
        return $"| {Title} | {Number(Ours)} {Unit} | {peer} | {(Ratio is double ratio ? Number(ratio) : "")} | {goal} | {Result} |";
    }

    /// <summary>The heading over rows.</summary>
    public static string Heading(string ours, string peer) => $"| measurement | {ours} | {peer} | ratio | goal | result |\n| --- | ---: | ---: | ---: | --- | --- |";

    /// <summary>Three significant digits, however small the number is.</summary>
    private static string Number(double value) =>
        value == 0 ? "0" : Math.Abs(value) < 0.01 ? value.ToString("0.00e+0", CultureInfo.InvariantCulture)
        : Math.Abs(value) < 1 ? value.ToString("0.###", CultureInfo.InvariantCulture)
        : Math.Abs(value) < 100 ? value.ToString("0.##", CultureInfo.InvariantCulture)
        : value.ToString("#,0", CultureInfo.InvariantCulture);
}
