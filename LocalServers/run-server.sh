#!/bin/sh
# Runs the program that its arguments name. The environment says how:
#   SERVER_LOCK          a file; while the program or any of its children lives it is locked, whoever started the program
#   SERVER_LOCK_SECONDS  how long to wait for a predecessor that is still ending; then this script exits with 75
#   SERVER_SIGNAL        the signal, without SIG, that ends the program in good order
#   SERVER_USER          uid:gid to run the program as, or nothing
#   SERVER_ENDS          with-stdin: the program takes the place of this shell and ends when standard input does, so also when
#                        the process that started it was killed. A line on standard input says that the program is gone already.
#                        on-signal: the program is a child. SIGTERM, SIGINT and SIGHUP end it with SERVER_SIGNAL, and its exit
#                        code is passed on.
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

if command -v flock >/dev/null; then
    exec 9>>"$lock" && flock -w "$patience" 9 || exit 75
fi

if [ -n "$SERVER_USER" ]; then
    set -- setpriv --reuid="${SERVER_USER%:*}" --regid="${SERVER_USER#*:}" --clear-groups -- "$@"
fi

if [ "$ends" = with-stdin ]; then
    exec "$@" 3<&- </dev/null
fi

"$@" </dev/null &
program=$!
trap 'kill -s "$signal" "$program" 2>/dev/null' TERM INT HUP
wait "$program"
code=$?
# A trapped signal ends the wait before the program has ended.
while kill -0 "$program" 2>/dev/null; do
    wait "$program"
    code=$?
done
exit "$code"
