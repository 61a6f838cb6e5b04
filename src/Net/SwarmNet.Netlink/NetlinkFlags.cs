namespace SwarmNet.Netlink;

/// <summary>Flags of a message header (<c>linux/netlink.h</c> NLM_F_*); some values mean different things by kind of message.</summary>
[Flags]
public enum NetlinkFlags : ushort
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST: every message to the kernel.</summary>
    Request = 0x001,

    /// <summary>NLM_F_MULTI: part of a dump, ended by NLMSG_DONE.</summary>
    Multi = 0x002,

    /// <summary>NLM_F_ACK: answer with an ACK also when nothing failed.</summary>
    Ack = 0x004,

    /// <summary>NLM_F_ECHO: answer with the resulting notification.</summary>
    Echo = 0x008,

    /// <summary>NLM_F_DUMP_INTR: the dump is inconsistent and must be restarted.</summary>
    DumpInterrupted = 0x010,

    /// <summary>NLM_F_REPLACE (new requests): replace an existing object.</summary>
    Replace = 0x100,

    /// <summary>NLM_F_EXCL (new requests): fail with EEXIST when the object exists.</summary>
    Exclusive = 0x200,

    /// <summary>NLM_F_CREATE (new requests): create the object when it does not exist.</summary>
    Create = 0x400,

    /// <summary>NLM_F_APPEND (new requests): add at the end of the list.</summary>
    Append = 0x800,

    /// <summary>NLM_F_DUMP (get requests): return all objects.</summary>
    Dump = 0x300,
}
