package web

// socketServerVariable makes the test binary a socket server; see
// BenchmarkIdleSocket.
const socketServerVariable = "CARELOOP_TEST_SOCKET_SERVER"

func serveForBenchmark() {}
