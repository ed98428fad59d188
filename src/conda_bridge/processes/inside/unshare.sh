# Builds the sandbox's file system in fresh namespaces and becomes the guarded program in it:
#   unshare.sh SCRATCH_BYTES USER INSTRUCTION... -- NAME=VALUE... PROGRAM ARGUMENT...
# USER hides behind a further user namespace; 0 stays root, with the right to become somebody else and no other.
# An instruction is `link TARGET PATH`, `show PATH`, `show_as PATH PATH` or `mask PATH`; what doesn't exist is not shown.
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
scratch_bytes=$1
user=$2
shift 2

# It exists everywhere, and nothing of it is shown: a place to build on.
new=/sys
mount -t tmpfs -o mode=0755,nosuid,nodev,size=16m none "$new"
umask 022
mkdir "$new/tmp" "$new/proc" "$new/dev" "$new/etc"
# Files without content fill memory, too.
files=$((scratch_bytes / 4096))
mount -t tmpfs -o mode=1777,nosuid,nodev,size="$scratch_bytes",nr_inodes="$files" none "$new/tmp"
mount -t proc -o nosuid,nodev,noexec none "$new/proc"

show() {
    if [ -d "$1" ]; then
        mkdir -p "$new$2"
    elif [ -e "$1" ]; then
        : >"$new$2"
    else
        return 0
    fi
    mount --bind "$1" "$new$2"
    mount -o "remount,bind,$3" "$new$2"
}

while [ "$1" != -- ]; do
    case $1 in
    link) mkdir -p "$new${3%/*}" && ln -s "$2" "$new$3" && shift 3 ;;
    mask) mount --bind /dev/null "$new$2" && mount -o remount,bind,ro,nosuid,nodev "$new$2" && shift 2 ;;
    show) show "$2" "$2" ro,nosuid,nodev && shift 2 ;;
    show_as) show "$2" "$3" ro,nosuid,nodev && shift 3 ;;
    esac
done
shift

for name in null zero full random urandom; do
    show "/dev/$name" "/dev/$name" nosuid,noexec
done
ln -s /proc/self/fd "$new/dev/fd"
mkdir "$new/dev/shm"
mount -t tmpfs -o mode=1777,nosuid,nodev,size=16m,nr_inodes=4096 none "$new/dev/shm"

mkdir "$new/outside"
cd "$new"
pivot_root . outside
cd /
umount -l /outside
rmdir /outside
mount -o remount,bind,ro,nosuid,nodev /
hostname sandbox
set -- env -i "$@"
drop="--no-new-privs --ambient-caps=-all --inh-caps=-all"
if [ "$user" = 0 ]; then
    exec setpriv $drop --bounding-set=-all,+setuid,+setgid "$@"
fi
exec unshare --user --map-user="$user" --map-group="$user" --keep-caps setpriv $drop --bounding-set=-all "$@"
