// Package simulator is a substation that exists only as numbers: feeders,
// honest customers, licensed farms and thieves, measured by meters that answer
// real Modbus/TCP on loopback ports.
//
// It promises: one world. The power of every node is a function of the grid
// file, its seed and the instant, so history and live readings continue each
// other, and the energy registers are the exact integral of the power from the
// start of the grid file. What is hidden in the world is told by Truth and by
// nothing else. It speaks Modbus over sockets of its own, with the faults that
// gateways have, so that a collector is tested against a stranger.
package simulator
