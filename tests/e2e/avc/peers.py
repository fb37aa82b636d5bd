# SPDX-License-Identifier: Apache-2.0
# Who asks: all of 127.0.0.0/8 is this machine, so each role has an address of its own.
STRANGER = "127.0.0.1"
MEDIA = "127.0.0.2"
ADMIN = "127.0.0.3"
PROXY = "127.0.0.4"
