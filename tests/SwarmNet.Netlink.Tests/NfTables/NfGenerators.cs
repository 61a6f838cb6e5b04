using System.Reflection;
using FsCheck;
using FsCheck.Fluent;

namespace SwarmNet.Netlink.NfTables;

/// <summary>Generators of nf_tables values: expressions by reflection over their kinds, so that none is forgotten.</summary>
internal static class NfGenerators
{
    /// <summary>All kinds of expressions that this package knows.</summary>
    internal static Type[] Kinds { get; } =
        [.. typeof(NfExpression).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(NfExpression)) && type != typeof(NfExpression.Unknown))];

    internal static Gen<NfExpression> Expression => Gen.Elements(Kinds).SelectMany(kind => ExpressionOf(kind, nested: true));

    internal static Gen<string> Name => from length in Gen.Choose(1, 30)
                                        from letters in Gen.Elements("abcdefghijklmnopqrstuvwxyz0123456789_".ToCharArray()).ArrayOf(length)
                                        select new string(letters);

    internal static Gen<string?> Comment => Gen.Frequency((1, Gen.Constant<string?>(null)), (3, Name.Select(n => (string?)(n + " ä"))));

    internal static Gen<NfBytes> Value => from length in Gen.Choose(1, 16) from bytes in Generators.Bytes(length) select new NfBytes(bytes);

    internal static Gen<NfTable> Table => from family in Enumeration<NfFamily>() from name in Name select new NfTable(family, name);

    internal static Gen<NfLimit> Limit =>
        from rate in Generators.U64
        from per in Generators.U64
        from burst in Generators.U32
        from bytes in Generators.Bool
        from over in Generators.Bool
        select new NfLimit(rate, per) { Burst = burst, Bytes = bytes, Over = over };

    internal static Gen<NfQuota> Quota => from bytes in Generators.U64 from over in Generators.Bool from used in Generators.U64 select new NfQuota(bytes, over) { Consumed = used };

    internal static Gen<NfLog> Log => Gen.OneOf(
        from prefix in Name.OrNone() from level in Gen.Choose(0, 8) from flags in Generators.U32 select new NfLog { Prefix = prefix, Level = (uint)level, Flags = flags },
        from prefix in Name.OrNone()
        from number in Generators.U16
        from snap in Generators.U32
        from threshold in Generators.U16
        select new NfLog { Prefix = prefix, Group = number, SnapLength = snap, QueueThreshold = threshold });

    internal static Gen<NfRegister> Register => Gen.Choose((int)NfRegister.R0, (int)NfRegister.R15).Select(v => (NfRegister)v);

    internal static Gen<T> Enumeration<T>()
        where T : struct, Enum => Gen.Elements(Enum.GetValues<T>());

    /// <summary>An expression of one kind, all of its parameters at random.</summary>
    internal static Gen<NfExpression> ExpressionOf(Type kind, bool nested)
    {
        ConstructorInfo constructor = kind.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        Gen<List<object?>> arguments = Gen.Constant(new List<object?>());
        foreach (ParameterInfo parameter in constructor.GetParameters())
        {
            Gen<object?> value = Argument(parameter.ParameterType, parameter.Name!);
            arguments = from list in arguments from one in value select (List<object?>)[.. list, one];
        }

        Gen<NfExpression> plain = arguments.Select(list => Normal((NfExpression)constructor.Invoke([.. list])));
        return kind == typeof(NfExpression.DynamicSet) && nested
            ? from set in plain
              from count in Gen.Choose(0, 3)
              from inner in Gen.Elements(typeof(NfExpression.Counter), typeof(NfExpression.Limit), typeof(NfExpression.Quota), typeof(NfExpression.ConnectionLimit))
                  .SelectMany(k => ExpressionOf(k, nested: false)).ListOf(count)
              select (NfExpression)((NfExpression.DynamicSet)set with { Expressions = [.. inner] })
            : plain;
    }

    // What cannot be told apart on the wire.
    private static NfExpression Normal(NfExpression expression) => expression switch
    {
        NfExpression.Nat nat => nat with
        {
            AddressMax = nat.AddressMin is null || nat.AddressMax == nat.AddressMin ? null : nat.AddressMax,
            PortMax = nat.PortMin is null || nat.PortMax == nat.PortMin ? null : nat.PortMax,
        },
        NfExpression.Masquerade masq => masq with { PortMax = masq.PortMin is null || masq.PortMax == masq.PortMin ? null : masq.PortMax },
        NfExpression.Redirect redirect => redirect with { PortMax = redirect.PortMin is null || redirect.PortMax == redirect.PortMin ? null : redirect.PortMax },
        NfExpression.Bitwise bitwise => bitwise with { Xor = new NfBytes(bitwise.Mask.Span) },
        _ => expression,
    };

    private static Gen<object?> Argument(Type type, string name)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Gen.Frequency((1, Gen.Constant<object?>(null)), (3, Argument(inner, name)));
        }

        return type == typeof(NfRegister) ? Register.Select(v => (object?)v)
            : type == typeof(NfBytes) ? Value.Select(v => (object?)v)
            : type == typeof(NfNatFlags) ? Gen.Choose(0, 15).Select(v => (object?)(NfNatFlags)(((v & 7) << 2) | ((v & 8) << 3)))
            : type == typeof(NfFibFlags) ? Gen.Choose(1, 63).Select(v => (object?)(NfFibFlags)v)
            : type == typeof(NfLog) ? Log.Select(v => (object?)v)
            : type == typeof(NfLimit) ? Limit.Select(v => (object?)v)
            : type == typeof(NfQuota) ? Quota.Select(v => (object?)v)
            : type == typeof(NfChecksum) ? Checksum.Select(v => (object?)v)
            : type.IsEnum ? Gen.Elements(Enum.GetValues(type).Cast<object?>().ToArray())
            : type == typeof(string) ? (name == "Chain" ? Name.OrNone().Select(v => (object?)v) : Name.Select(v => (object?)v))
            : type == typeof(bool) ? Generators.Bool.Select(v => (object?)v)
            : type == typeof(byte) ? Generators.U8.Select(v => (object?)v)
            : type == typeof(int) ? Gen.Choose(0, 65535).Select(v => (object?)v)
            : type == typeof(uint) ? Generators.U32.Select(v => (object?)v)
            : type == typeof(ulong) ? Generators.U64.Select(v => (object?)v)
            : throw new NotSupportedException($"no generator for {type}");
    }

    private static Gen<NfChecksum> Checksum =>
        from type in Enumeration<NfChecksumType>() from offset in Gen.Choose(0, 255) from pseudo in Generators.Bool select new NfChecksum(type, offset, pseudo);
}
