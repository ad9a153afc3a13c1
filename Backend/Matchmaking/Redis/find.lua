-- ARGV: player. Answers {state, match, host, port, players}.
return describe(ARGV[1])
