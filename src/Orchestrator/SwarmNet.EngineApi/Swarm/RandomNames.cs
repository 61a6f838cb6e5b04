namespace SwarmNet.EngineApi.Swarm;

/// <summary>Names for services that come without one: <c>adjective_surname</c>.</summary>
internal static class RandomNames
{
    private static readonly string[] Adjectives =
    [
        "able", "agile", "amber", "ample", "azure", "bold", "brave", "bright", "brisk", "calm", "clear", "clever", "crisp", "daring", "deft",
        "eager", "early", "exact", "fair", "fleet", "fluent", "fond", "frank", "fresh", "gentle", "glad", "golden", "grand", "happy", "hardy",
        "honest", "humble", "ideal", "jolly", "keen", "kind", "lively", "loyal", "lucid", "merry", "mild", "modest", "neat", "nimble", "noble",
        "patient", "plain", "polite", "prompt", "proud", "quick", "quiet", "rapid", "ready", "robust", "serene", "sharp", "silent", "sober",
        "solid", "steady", "sunny", "swift", "tender", "tidy", "trusty", "upbeat", "vivid", "warm", "wise", "witty", "zesty",
    ];

    // People whose work networks and clusters stand on.
    private static readonly string[] Surnames =
    [
        "baran", "bartik", "bellman", "bernerslee", "blum", "borg", "burrows", "cerf", "chandra", "codd", "conway", "davies", "dijkstra",
        "engelbart", "erlang", "estrin", "floyd", "gray", "hamming", "hoare", "hopper", "huffman", "jacobson", "kahn", "kay", "kernighan",
        "kleinrock", "knuth", "lamport", "liskov", "lovelace", "lynch", "maes", "mccarthy", "merkle", "metcalfe", "milner", "mockapetris",
        "nygaard", "ongaro", "oki", "ousterhout", "perlman", "pike", "postel", "rabin", "ritchie", "rivest", "roberts", "schneider", "shamir",
        "shannon", "stevens", "tanenbaum", "tarjan", "thompson", "toueg", "turing", "wilkes", "wirth",
    ];

    /// <summary>A name from the caller's generator.</summary>
    public static string Next(Random random) => $"{Adjectives[random.Next(Adjectives.Length)]}_{Surnames[random.Next(Surnames.Length)]}";
}
