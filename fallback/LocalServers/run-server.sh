# $1: lock file   $2: the signal that ends the program in good order   rest: the program and its arguments
#
# Runs the program in the place of this shell, with two promises:
# - It ends when standard input does, so also when the process that started it was killed. A line on standard
#   input says that the program is gone already and nothing is left to end.
# - While it or any of its children lives it holds the lock, whoever started it; waits a little for a
#   predecessor that is still ending, then exits with 75.
lock=$1
signal=$2
shift 2

exec 3<&0
(
    {
        read -r _ <&3 && exit
        kill -"$signal" $$
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            sleep 1
            kill -0 $$ || exit
        done
        kill -KILL $$
    } >/dev/null 2>&1 &
)

if command -v flock >/dev/null; then
    exec 9>>"$lock" && flock -w 5 9 || exit 75
fi

exec "$@" 3<&- </dev/null
