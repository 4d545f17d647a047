# Every fault at once for 20,000 exchanges: sockets, timers and heap end flat.
suite 'soak of worst-day' npx vitest run --config test/soak/vitest.config.ts
