namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>Finds what differs. Pure.</summary>
internal static class IpvsPlanner
{
    /// <summary>From what the kernel has to what is wanted, for the virtual addresses named in <paramref name="wanted"/>; null = it goes.</summary>
    public static IpvsPlan Plan(IReadOnlyDictionary<uint, IpvsFrontend> current, IReadOnlyDictionary<uint, IpvsFrontend?> wanted)
    {
        var plan = new IpvsPlan();
        foreach ((uint vip, IpvsFrontend? frontend) in wanted)
        {
            IpvsFrontend? old = current.GetValueOrDefault(vip);
            if (frontend is null)
            {
                if (old is not null)
                {
                    Remove(plan, vip, old);
                }

                continue;
            }

            if (old is not null && old.Mark != frontend.Mark)
            {
                Remove(plan, vip, old);
                old = null;
            }

            Pool(plan, frontend.Mark, old?.Connections, frontend.Connections!);
            Pool(plan, frontend.Mark | IpvsFrontend.DatagramBit, old?.Datagrams, frontend.Datagrams!);
            if (old is null)
            {
                plan.NewMarks.Add((vip, frontend.Mark));
            }
            else
            {
                Flows(plan, vip, old, frontend);
            }
        }

        return plan;
    }

    private static void Remove(IpvsPlan plan, uint vip, IpvsFrontend old)
    {
        plan.GoneMarks.Add((vip, old.Mark));
        if (old.Connections is not null)
        {
            plan.GoneServices.Add(old.Mark);
        }

        if (old.Datagrams is not null)
        {
            plan.GoneServices.Add(old.Mark | IpvsFrontend.DatagramBit);
        }

        foreach (uint backend in Backends(old))
        {
            plan.GoneFlows.Add((vip, backend));
        }
    }

    private static void Pool(IpvsPlan plan, uint mark, IpvsPool? old, IpvsPool pool)
    {
        if (old is null)
        {
            plan.NewServices.Add(pool.ToService(mark));
        }
        else if (!old.ChoosesAs(pool))
        {
            plan.ChangedServices.Add(pool.ToService(mark));
        }

        foreach ((uint backend, int weight) in pool.Weights)
        {
            if (old is null || !old.Weights.TryGetValue(backend, out int before))
            {
                plan.NewBackends.Add((mark, backend, weight));
            }
            else if (before != weight)
            {
                plan.ChangedBackends.Add((mark, backend, weight));
            }
        }

        foreach (uint backend in old?.Weights.Keys ?? [])
        {
            if (!pool.Weights.ContainsKey(backend))
            {
                plan.GoneBackends.Add((mark, backend));
            }
        }
    }

    private static void Flows(IpvsPlan plan, uint vip, IpvsFrontend old, IpvsFrontend frontend)
    {
        foreach (uint backend in Backends(old))
        {
            if (!frontend.Connections!.Weights.ContainsKey(backend))
            {
                plan.GoneFlows.Add((vip, backend));
            }
            else if (old.Datagrams?.Weights.ContainsKey(backend) == true && !frontend.Datagrams!.Weights.ContainsKey(backend))
            {
                plan.DrainedFlows.Add((vip, backend));
            }
        }
    }

    private static IEnumerable<uint> Backends(IpvsFrontend frontend) =>
        (frontend.Connections?.Weights.Keys ?? []).Union(frontend.Datagrams?.Weights.Keys ?? []);
}
