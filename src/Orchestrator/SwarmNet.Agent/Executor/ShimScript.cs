using System.Diagnostics;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// The small process that outlives the daemon beside each container: a shell that mounts the root file system in a mount
/// namespace of its own, waits for the runtime in the foreground and writes the exit code down. About 1 MB each; mounts vanish
/// with it. Started as a session of its own, so that signals to the daemon's group pass it by.
/// </summary>
internal static class ShimScript
{
    /// <summary>
    /// Arguments: container folder, layers folder, lower layers, runtime, runtime's root, container id, network namespace,
    /// standard input, extra runtime option or empty, working folder to make or empty, then pairs of copy-ups.
    /// The pid line is /proc/self/stat: pid and start time together name a process for good.
    /// </summary>
    private const string Text = """
        folder=$1; layers=$2; lower=$3; runtime=$4; root=$5; id=$6; netns=$7; stdin=$8; option=$9; shift 9
        workdir=$1; shift
        io=$folder/io
        # One shim per container, ever: a daemon that died while starting it may try again.
        mkdir "$io/lock" 2>/dev/null || exit 0
        exec </dev/null >>"$io/shim.log" 2>&1
        fail() { echo "$1" >"$io/failure"; echo 125 >"$io/exit"; exit 0; }
        read -r stat </proc/self/stat
        echo "$stat" >"$io/shim"
        # crun refuses to work beside a version 2 hierarchy with controllers on a version 1 host.
        if [ -d /sys/fs/cgroup/memory ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then
            umount -l /sys/fs/cgroup/unified || fail "unmounting /sys/fs/cgroup/unified failed"
        fi
        # This mount namespace must not keep the network namespaces of other tasks alive.
        others=
        while read -r _ _ _ _ at _; do
            case $at in "$netns") ;; "${netns%/*}"/*) others="$others $at" ;; esac
        done </proc/self/mountinfo
        [ -z "$others" ] || umount -l $others 2>/dev/null
        cd "$layers" || fail "the folder of the image layers is gone"
        mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/rootfs" || {
            grep -qw overlay /proc/filesystems \
                || fail 'the kernel has no overlayfs support (CONFIG_OVERLAY_FS): load it with "modprobe overlay", or use a kernel that has it'
            fail "mounting the root file system (overlay) failed: $(tail -n 1 "$io/shim.log")"
        }
        cd /
        [ -z "$workdir" ] || mkdir -p "$folder/rootfs$workdir"
        while [ $# -ge 2 ]; do
            [ ! -d "$folder/rootfs$1" ] || cp -a "$folder/rootfs$1/." "$2/" || fail "copying the image's $1 into the volume failed: $(tail -n 1 "$io/shim.log")"
            shift 2
        done
        "$runtime" --root "$root" --log "$io/runtime.log" --log-format json $option \
            run --bundle "$folder" --pid-file "$io/pid" "$id" <>"$stdin" >>"$io/stdout" 2>>"$io/stderr"
        echo $? >"$io/exit"
        """;

    /// <summary>Starts the shim of a container and returns at once; its own file says which process it is.</summary>
    public static void Start(Container container, OciRuntime runtime, string layersFolder)
    {
        var file = container.File;
        var stdin = "/dev/null";
        if (container.Task.Spec.Container.OpenStdin)
        {
            stdin = Path.Combine(container.IoFolder, "stdin");
            if (!File.Exists(stdin))
            {
                LibC.MakeFifo(stdin);
            }
        }

        var start = new ProcessStartInfo("setsid") { WorkingDirectory = "/" };
        start.Environment.Clear();
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        string[] arguments =
        [
            "unshare", "-m", "--propagation", "slave", "/bin/sh", "-c", Text, "swarm-shim",
            container.Folder, layersFolder, file.Lower, runtime.Path, runtime.Root, file.Id, file.NetworkNamespace, stdin,
            runtime.IsCrun ? "--cgroup-manager=cgroupfs" : "", file.WorkingFolder, .. file.CopyUps,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start);
    }
}
