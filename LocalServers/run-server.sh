#!/bin/sh
# Runs the program that its arguments name. The environment sets how:
#   SERVER_LOCK          a file that stays locked while the program or any of its children runs, no matter what started the program
#   SERVER_LOCK_SECONDS  how long to wait for an earlier server that is still ending; after that, this script exits with 75
#   SERVER_SIGNAL        the signal, without SIG, that shuts the program down cleanly
#   SERVER_USER          uid:gid to run the program as, or empty
#   SERVER_ENDS          with-stdin: the program replaces this shell and ends when standard input closes, even if the process that started
#                        it is killed. A line on standard input means that the program has already ended.
#                        on-signal: the program is a child of this shell. SIGTERM, SIGINT and SIGHUP end it with SERVER_SIGNAL, and this
#                        script exits with its exit code.
lock=$SERVER_LOCK
patience=$SERVER_LOCK_SECONDS
signal=$SERVER_SIGNAL
ends=$SERVER_ENDS

if [ "$ends" = with-stdin ]; then
    exec 3<&0
    (
        {
            read -r _ <&3 && exit
            kill -s "$signal" $$
            for _ in 1 2 3 4 5 6 7 8 9 10; do
                sleep 1
                kill -0 $$ || exit
            done
            kill -s KILL $$
        } >/dev/null 2>&1 &
    )
fi

if [ "$ends" = on-signal ]; then
    # Set the trap before starting the program, so that no early signal is lost.
    program=
    stop=
    trap 'stop=1; [ -z "$program" ] || kill -s "$signal" "$program" 2>/dev/null' TERM INT HUP
fi

if command -v flock >/dev/null; then
    exec 9>>"$lock" && flock -w "$patience" 9 || exit 75
fi

if [ -n "$SERVER_USER" ]; then
    set -- setpriv --reuid="${SERVER_USER%:*}" --regid="${SERVER_USER#*:}" --clear-groups -- "$@"
fi

if [ "$ends" = with-stdin ]; then
    exec "$@" 3<&- </dev/null
fi

[ -z "$stop" ] || exit 0
"$@" </dev/null &
program=$!
[ -z "$stop" ] || kill -s "$signal" "$program" 2>/dev/null
wait "$program"
code=$?
# A trapped signal ends the wait before the program has ended.
while kill -0 "$program" 2>/dev/null; do
    wait "$program"
    code=$?
done
exit "$code"
