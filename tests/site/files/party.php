<?php
// SPDX-License-Identifier: Apache-2.0
// What an attacker uploads in place of a picture. If you can read this, it never ran.
echo 'This uploaded script RAN on the server, process ' . getmypid() . '.';
