#!/bin/sh
# Runs the program that its arguments name. The environment sets how:
#   SERVER_LOCK          a file that stays locked while the program or any of its children runs, no matter what started the program
#   SERVER_LOCK_SECONDS  how long to wait for an earlier server that is still ending; after that, this script exits with 75
#   SERVER_SIGNAL        the signal, without SIG, that shuts the program down cleanly
#   SERVER_USER          uid:gid to run the program as, or empty
#   SERVER_ENDS          with-stdin: the program replaces this shell and ends when standard input closes, even if the process that started
#                        it is killed. A line on standard input means that the program has already ended.
#                        on-signal: SIGTERM, SIGINT and SIGHUP end the program with SERVER_SIGNAL, and this script exits with its exit
#                        code. The program is not a descendant of this shell: what kills the shell and its descendants, because they take
#                        too long to end, does not interrupt the program's clean shutdown.
lock=$SERVER_LOCK
patience=$SERVER_LOCK_SECONDS
signal=$SERVER_SIGNAL
ends=$SERVER_ENDS

if [ "$ends" = on-signal ]; then
    stop=
    trap 'stop=1; exec 4>&-' TERM INT HUP
    mkfifo "$lock.$$.input" "$lock.$$.code" || exit
    # Opened for both first: to open one end of a pipe waits for the other end.
    exec 7<>"$lock.$$.input" 3<"$lock.$$.input" 4>"$lock.$$.input" 5<>"$lock.$$.code" 6<"$lock.$$.code" 7<&-
    rm "$lock.$$.input" "$lock.$$.code"
    [ -z "$stop" ] || exit 0

    # The outer of these processes ends at once, so that the others are not descendants of this shell.
    (
        {
            trap '' TERM INT HUP
            (
                trap - TERM INT HUP
                exec env SERVER_ENDS=with-stdin /bin/sh "$0" "$@" 5>&-
            )
            echo "$?" >&5
        } <&3 3<&- 4>&- 6<&- &
    )
    exec 3<&- 5>&-

    (
        trap '' TERM INT HUP
        read -r code <&6
        exit "${code:-1}"
    ) 4>&- &
    reader=$!
    wait "$reader"
    code=$?
    # A trapped signal ends the wait before the program has ended.
    while kill -0 "$reader" 2>/dev/null; do
        wait "$reader"
        code=$?
    done
    [ -n "$stop" ] || echo >&4
    exit "$code"
fi

exec 3<&0
(
    {
        trap '' TERM INT HUP
        read -r _ <&3 && exit
        # More than once, since the program may not have started yet.
        for _ in $(seq 60); do
            kill -s "$signal" $$ || exit
            sleep 1
        done
        kill -s KILL $$
    } >/dev/null 2>&1 &
)

if command -v flock >/dev/null; then
    exec 9>>"$lock" && flock -w "$patience" 9 || exit 75
fi

if [ -n "$SERVER_USER" ]; then
    set -- setpriv --reuid="${SERVER_USER%:*}" --regid="${SERVER_USER#*:}" --clear-groups -- "$@"
fi

exec "$@" 3<&- </dev/null
