# SPDX-License-Identifier: Apache-2.0
# Ports for what tests start. Each process that runs tests has a lane of its own: a hundred ports
# of 127.0.0.1 below those that clients get by themselves. It holds its lane by being bound to the
# first of them, so that two runs, whoever started them, never pick the same port.
import socket

FIRST, WIDTH, LANES = 11000, 100, 90  # above 10080, which no browser opens

lane = None
handed_out = 0


def take_lane():
    """(what holds it, the number of its first port)."""
    for number in range(FIRST, FIRST + LANES * WIDTH, WIDTH):
        holder = socket.socket()
        try:
            holder.bind(("127.0.0.1", number))
            return holder, number
        except OSError:
            holder.close()
    raise AssertionError("all %d lanes of ports are taken" % LANES)


def port_is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    """The next of the lane that nobody listens on; what was used lately comes last."""
    global lane, handed_out
    lane = lane or take_lane()
    for _ in range(1, WIDTH):
        port = lane[1] + 1 + handed_out % (WIDTH - 1)
        handed_out += 1
        if port_is_free(port):
            return port
    raise AssertionError("all ports from %d are in use" % lane[1])
