<?php
// SPDX-License-Identifier: Apache-2.0
//
// The tour as data: chapters and their steps. A step says who asks for what, what must
// come back with mod_avcsec ("with") and what comes back without ("twin"; null where the
// question makes no sense there), and which directives do it.
//
// "try" is what somebody does who means no good, "use" what has to go on working; "so" is
// what happens. An answer is described by status; has, lacks: text in the body; header: name and the
// text in it; reason: word of the one log line (none: the log must stay silent); shows:
// the browser must be able to show it as image or video.

declare(strict_types=1);

$listXml = '<rooms><not_in_rooms></not_in_rooms><room name="The quay" description="" users="2" id="r0">'
    . '<user name="Zoë" siteId="7" gender="female" cam="true"><user name="Tomasz" siteId="9" gender="male" cam="false">'
    . '</room></rooms>';
$forgedXml = '<rooms><room name="This room does not exist"><user name="Nobody"></room></rooms>';

$list = fn (string $xml, string $count): array => [
    'method' => 'POST', 'path' => '/chat/writeuserslist.php',
    'form' => ['xml' => $xml, 'nr_of_users' => $count, 'instance' => '_definst_'],
];
$report = ['method' => 'POST', 'path' => '/chat/sendReport.php', 'form' => [
    'ip' => '192.0.2.7', 'siteId' => '9', 'username' => 'Tomasz', 'reason' => 'spam', 'description' => 'Sells boats',
    'roomId' => 'r0', 'roomName' => 'The quay', 'reporter' => 'Zoë', 'webCamSnapURL' => '', 'textChatSnapURL' => '']];
$recording = ['method' => 'POST', 'path' => '/chat/getRecordedVideosInfo.php', 'form' => [
    'streamName' => 'evening_1', 'siteId' => '7', 'username' => 'Zoë']];
$refused = ['status' => 403, 'reason' => 'address'];
$served = ['status' => 200, 'has' => '&result=true'];
$download = ['status' => 200, 'header' => ['content-disposition', 'attachment']];
$scripts = ['AvcMediaServer', 'AvcMediaServerScripts'];
$files = ['AvcFiles', 'AvcKeyFile'];
$admin = ['AvcAdmin', 'AvcAdminScripts'];
$hidden = ['AvcHidden'];

return [
    [
        'id' => 'scripts', 'title' => 'Scripts that only the media server may call', 'picture' => 'scripts',
        'intro' => 'Four scripts of a chat site are meant for its media server alone: it tells them who is in which '
            . 'room, passes on reports and recordings, and asks whether a token is right. For a web server such a call '
            . 'looks like any other. Here the media server’s address decides.',
        'steps' => [
            ['id' => 'list-visitor', 'who' => 'visitor', 'title' => 'A visitor sends a made-up list of users',
                'try' => 'Posts invented rooms, insulting names or an empty list. Your front page shows what the list says.',
                'so' => 'Refused. The script is not even started, and the log says why.',
                'request' => $list($forgedXml, '1'), 'with' => $refused, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'list-server', 'who' => 'server', 'title' => 'The media server sends the real list',
                'use' => 'The call that has to work, each time somebody comes or goes.',
                'so' => 'Served as always. Nothing on the media server has to change.',
                'request' => $list($listXml, '2'), 'with' => $served, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'token-visitor', 'who' => 'visitor', 'title' => 'A visitor tries out tokens',
                'try' => 'Asks token_verify again and again until a token is right, or uses up somebody else’s.',
                'so' => 'Refused: whether a token is right is nobody’s business but the media server’s.',
                'request' => ['path' => '/chat/token_verify.php?token=' . str_repeat('0', 32)],
                'with' => $refused, 'twin' => ['status' => 200, 'has' => 'false'], 'lines' => $scripts],
            ['id' => 'token-server', 'who' => 'server', 'title' => 'The media server checks a real token',
                'use' => 'A chat client has just got a token; the media server asks about it, over plain HTTP.',
                'so' => 'The answer is exactly “true”, as the media server wants it.',
                'request' => ['path' => '/chat/token_verify.php?token={token}'],
                'with' => ['status' => 200, 'is' => 'true'], 'twin' => null, 'lines' => $scripts],
            ['id' => 'report-visitor', 'who' => 'visitor', 'title' => 'A visitor reports somebody, past the chat',
                'try' => 'Sends reports about a user by the thousand, in anybody’s name.',
                'so' => 'Refused. Reports come from the chat only.',
                'request' => $report, 'with' => $refused, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'report-server', 'who' => 'server', 'title' => 'The media server passes on a report',
                'use' => 'A real report, out of the chat.',
                'so' => 'Served.',
                'request' => $report, 'with' => $served, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'recording-visitor', 'who' => 'visitor', 'title' => 'A visitor invents a recording',
                'try' => 'Adds videos that never were to somebody’s profile.',
                'so' => 'Refused.',
                'request' => $recording, 'with' => $refused, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'recording-server', 'who' => 'server', 'title' => 'The media server tells of a recording',
                'use' => 'A real recording.',
                'so' => 'Served.',
                'request' => $recording, 'with' => $served, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'list-detour', 'who' => 'visitor', 'title' => 'The same script under another spelling',
                'try' => 'Writes a letter of the name as %77, doubles a slash and hangs something on behind. Rules for one exact address miss that.',
                'so' => 'Refused: names are looked for in every part of the address, after decoding.',
                'request' => ['path' => '/chat//%77riteuserslist.php/photo.jpg'] + $list($forgedXml, '1'),
                'with' => $refused, 'twin' => $served, 'lines' => ['AvcMediaServerScripts']],
            ['id' => 'list-mask', 'who' => 'visitor', 'title' => 'A visitor claims the media server’s address',
                'try' => 'Adds a header “X-Forwarded-For” with the media server’s address. Scripts that check by themselves often believe it.',
                'so' => 'Refused: the address of the connection counts, not what somebody writes.',
                'request' => ['headers' => ['X-Forwarded-For' => '127.0.0.2']] + $list($forgedXml, '1'),
                'with' => $refused, 'twin' => $served, 'lines' => $scripts],
            ['id' => 'list-proxy', 'who' => 'server', 'title' => 'A proxy beside the media server passes a visitor on',
                'try' => 'Comes through a proxy that runs at the media server’s address, which would make every visitor a media server.',
                'so' => 'Refused, as the forwarding header shows that somebody else stands behind.',
                'request' => ['headers' => ['X-Forwarded-For' => '203.0.113.9']] + $list($forgedXml, '1'),
                'with' => $refused, 'twin' => $served, 'lines' => ['AvcMediaServer']],
        ],
    ],
    [
        'id' => 'files', 'title' => 'Shared files, opened by signed links', 'picture' => 'files',
        'intro' => 'What users send each other lies outside the web site’s own folder. Its address stays the one that '
            . 'visitors know, but it opens only with a link that your page has signed: for this file, for this long. '
            . 'The page holds a key that can sign links to files and nothing else.',
        'steps' => [
            ['id' => 'file-signed', 'who' => 'visitor', 'title' => 'A file by its signed link',
                'use' => 'Your page made this link a moment ago.',
                'so' => 'The picture is shown.',
                'request' => ['link' => ['signed', 'harbour.jpg']],
                'with' => ['status' => 200, 'shows' => 'image'], 'twin' => null, 'lines' => $files],
            ['id' => 'file-bare', 'who' => 'visitor', 'title' => 'The same file without a link',
                'try' => 'Guesses names: photo1.jpg, photo2.jpg. Or finds the address in a search engine.',
                'so' => 'Refused, and the answer does not say whether there is such a file.',
                'request' => ['path' => '/chat/uploadedFiles/harbour.jpg'],
                'with' => ['status' => 403, 'reason' => 'no-token'], 'twin' => ['status' => 200], 'lines' => $files],
            ['id' => 'file-changed', 'who' => 'visitor', 'title' => 'A link with one letter changed',
                'try' => 'Changes the signature, to find one that fits.',
                'so' => 'Refused. There are 2²⁵⁶ of them.',
                'request' => ['link' => ['changed', 'harbour.jpg']],
                'with' => ['status' => 403, 'reason' => 'signature'], 'twin' => ['status' => 200], 'lines' => $files],
            ['id' => 'file-borrowed', 'who' => 'visitor', 'title' => 'One file’s link for another file',
                'try' => 'Has a link to harbour.jpg and puts cat.jpg in its place.',
                'so' => 'Refused: the name is part of what is signed.',
                'request' => ['link' => ['borrowed', 'cat.jpg']],
                'with' => ['status' => 403, 'reason' => 'signature'], 'twin' => ['status' => 200], 'lines' => $files],
            ['id' => 'file-over', 'who' => 'visitor', 'title' => 'A link whose time is over',
                'try' => 'Passes a link on in a forum, where it is found days later. (This one held for a second; the page waits.)',
                'so' => '“410 Gone”: was right, is over. Your page can tell its visitor to fetch a fresh one.',
                'request' => ['link' => ['short', 'harbour.jpg']], 'wait' => 1300,
                'with' => ['status' => 410, 'reason' => 'expired'], 'twin' => ['status' => 200], 'lines' => $files],
            ['id' => 'file-stolen', 'who' => 'stranger', 'title' => 'A link that is somebody else’s',
                'try' => 'Got hold of a link that was made for your address, ' . VISITOR . ', and opens it from elsewhere.',
                'so' => 'Refused: a link can be bound to an address or a network.',
                'request' => ['link' => ['mine', 'harbour.jpg']],
                'with' => ['status' => 403, 'reason' => 'address'], 'twin' => ['status' => 200], 'lines' => $files],
            ['id' => 'file-mine', 'who' => 'visitor', 'title' => 'The same link, from where it belongs',
                'use' => 'The visitor it was made for opens it.',
                'so' => 'Opens.',
                'request' => ['link' => ['mine', 'cat.jpg']],
                'with' => ['status' => 200, 'shows' => 'image'], 'twin' => null, 'lines' => $files],
            ['id' => 'file-relative', 'who' => 'visitor', 'title' => 'What the chat page names relatively',
                'use' => 'Old chat clients write links like “uploadedFiles/cat.jpg” and can’t sign.',
                'so' => 'Opens: the page was entered by a link signed for the whole folder, and what it names inherits that.',
                'request' => ['link' => ['folder', 'cat.jpg']],
                'with' => ['status' => 200, 'shows' => 'image'], 'twin' => null, 'lines' => $files],
            ['id' => 'file-film', 'who' => 'visitor', 'title' => 'A film, and a piece out of its middle',
                'use' => 'Players jump, phones resume.',
                'so' => 'The film plays; the piece comes as a piece.',
                'request' => ['link' => ['signed', 'evening.webm'], 'headers' => ['Range' => 'bytes=1000-1999']],
                'with' => ['status' => 206, 'header' => ['content-range', 'bytes 1000-1999/'], 'shows' => 'video'],
                'twin' => null, 'lines' => $files],
            ['id' => 'file-none', 'who' => 'visitor', 'title' => 'A right link to a file that is gone',
                'use' => 'Somebody has deleted it since.',
                'so' => 'A plain “404 Not Found”; only who has a right link gets to know.',
                'request' => ['link' => ['signed', 'deleted.jpg']],
                'with' => ['status' => 404, 'reason' => 'not-found'], 'twin' => null, 'lines' => $files],
        ],
    ],
    [
        'id' => 'uploads', 'title' => 'Uploaded files never run', 'picture' => 'uploads',
        'intro' => 'The classic way to take over a site is to upload a program in place of a picture and then to open it. '
            . 'Here even somebody with a right link gets nothing but the bytes: no script starts, no page acts in your site’s name.',
        'steps' => [
            ['id' => 'run-php', 'who' => 'visitor', 'title' => 'An uploaded script',
                'try' => 'Uploads party.php and opens it. The web server runs it, and the site is theirs.',
                'so' => 'It comes back as a download, word for word. Nothing ran.',
                'request' => ['link' => ['signed', 'party.php']],
                'with' => ['has' => '<?php'] + $download,
                'twin' => ['status' => 200, 'has' => 'RAN on the server', 'lacks' => '<?php'], 'lines' => ['AvcFiles']],
            ['id' => 'run-html', 'who' => 'visitor', 'title' => 'An uploaded page with a script in it',
                'try' => 'Sends a moderator the link to hello.html. Its script acts in the moderator’s name.',
                'so' => 'A download, with a policy that forbids scripts should a browser show it all the same.',
                'request' => ['link' => ['signed', 'hello.html']],
                'with' => ['also' => ['content-security-policy', 'sandbox']] + $download,
                'twin' => ['status' => 200, 'header' => ['content-type', 'text/html']], 'lines' => ['AvcFiles']],
            ['id' => 'run-svg', 'who' => 'visitor', 'title' => 'A drawing with a script in it',
                'try' => 'Uploads badge.svg. Drawings of this kind may hold scripts.',
                'so' => 'A download as well, and no browser may guess what it is.',
                'request' => ['link' => ['signed', 'badge.svg']],
                'with' => ['also' => ['x-content-type-options', 'nosniff']] + $download,
                'twin' => ['status' => 200, 'header' => ['content-type', 'image/svg+xml']], 'lines' => ['AvcFiles']],
            ['id' => 'run-rules', 'who' => 'visitor', 'title' => 'Rules for the server, uploaded',
                'try' => 'Uploads “.htaccess” with the words “Require all granted”, which opens a folder on many a host.',
                'so' => 'Never read and never served: the folder is none that the server takes rules from.',
                'request' => ['link' => ['signed', '.htaccess']],
                'with' => ['status' => 404, 'reason' => 'not-found'], 'twin' => null, 'lines' => ['AvcFiles']],
        ],
    ],
    [
        'id' => 'admin', 'title' => 'The admin area, from its own addresses', 'picture' => 'admin',
        'intro' => 'The admin client kicks, bans and reads along. It opens only at the addresses of your admins; '
            . 'you are at one of them now (' . VISITOR . '). A stranger comes from ' . STRANGER . '.',
        'steps' => [
            ['id' => 'admin-here', 'who' => 'visitor', 'title' => 'The admin area from here',
                'use' => 'An admin goes to work.', 'so' => 'Opens.',
                'request' => ['path' => '/chat/admin.html'],
                'with' => ['status' => 200, 'has' => 'Admin area'], 'twin' => null, 'lines' => $admin],
            ['id' => 'admin-elsewhere', 'who' => 'stranger', 'title' => 'The admin area from elsewhere',
                'try' => 'Opens /chat/admin.html: every installation has it in the same place.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/admin.html'],
                'with' => $refused, 'twin' => ['status' => 200, 'has' => 'Admin area'], 'lines' => $admin],
            ['id' => 'admin-renamed', 'who' => 'stranger', 'title' => 'A renamed admin area',
                'try' => 'Guesses the new name: owners are told to rename it, and it gets around.',
                'so' => 'Refused as well: every page whose name begins with “admin” counts.',
                'request' => ['path' => '/chat/admin-2nd-floor.html'],
                'with' => $refused, 'twin' => ['status' => 200, 'has' => 'renamed'], 'lines' => $admin],
            ['id' => 'admin-snaps', 'who' => 'stranger', 'title' => 'Snapshots that belong to a report',
                'try' => 'Opens pictures of webcams that were meant for the moderators. Their names are easy to guess.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/report_snaps/zoe_CAM.jpg'],
                'with' => $refused, 'twin' => ['status' => 200], 'lines' => $admin],
            ['id' => 'settings-admin', 'who' => 'stranger', 'title' => 'The admin’s settings',
                'try' => 'Asks the settings script with “admin=true”, as the admin client would.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/avc_settings.php?x=1&admin=true'],
                'with' => $refused, 'twin' => ['status' => 200, 'has' => 'adminCanBan=1'], 'lines' => $admin],
            ['id' => 'settings-disguised', 'who' => 'stranger', 'title' => 'The same question, in disguise',
                'try' => 'Writes “admin” as “%61dmin”. PHP reads the same word; many a filter does not.',
                'so' => 'Refused: arguments are read as PHP reads them.',
                'request' => ['path' => '/chat/avc_settings.php?x=1&%61dmin=true'],
                'with' => $refused, 'twin' => ['status' => 200, 'has' => 'adminCanBan=1'], 'lines' => $admin],
            ['id' => 'settings-visitor', 'who' => 'stranger', 'title' => 'Everybody’s settings',
                'use' => 'Every chat client asks this.',
                'so' => 'Served, without the admin’s part.',
                'request' => ['path' => '/chat/avc_settings.php?x=1&userId=7'],
                'with' => ['status' => 200, 'has' => 'welcomeMessage=', 'lacks' => 'adminCanBan'],
                'twin' => ['status' => 200, 'has' => 'welcomeMessage='], 'lines' => $admin],
        ],
    ],
    [
        'id' => 'hidden', 'title' => 'What nobody has any business with', 'picture' => 'hidden',
        'intro' => 'A chat site’s folder holds things that no browser ever asks for in good faith: tokens, '
            . 'settings, the copy that an editor left behind. They stay where they are, and nobody gets them, not even your admins.',
        'steps' => [
            ['id' => 'hide-tokens', 'who' => 'visitor', 'title' => 'The folder with the tokens',
                'try' => 'Reads tokens of people who are just about to enter, and enters in their place.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/tokens/example-of-a-token'],
                'with' => ['status' => 403, 'reason' => 'hidden'], 'twin' => ['status' => 200], 'lines' => $hidden],
            ['id' => 'hide-backup', 'who' => 'visitor', 'title' => 'A copy that an editor left behind',
                'try' => 'Asks for avc_settings.php.bak: as it does not end in .php, it comes as text, passwords and all.',
                'so' => 'Refused, whatever the copy’s ending.',
                'request' => ['path' => '/chat/avc_settings.php.bak'],
                'with' => ['status' => 403, 'reason' => 'hidden'],
                'twin' => ['status' => 200, 'has' => 'the-password-of-the-database'], 'lines' => $hidden],
            ['id' => 'hide-settings', 'who' => 'visitor', 'title' => 'The settings as a file',
                'try' => 'Reads avc_settings.xml, past the script that decides who may see which setting.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/avc_settings.xml'],
                'with' => ['status' => 403, 'reason' => 'hidden'], 'twin' => ['status' => 200, 'has' => 'adminCanBan'], 'lines' => $hidden],
            ['id' => 'hide-wget', 'who' => 'visitor', 'title' => 'The script that fetches any address',
                'try' => 'Lets your server fetch what only your server can reach: its neighbours, its cloud’s own data.',
                'so' => 'Refused.',
                'request' => ['path' => '/chat/wget.php?type=jpg&url=http%3A%2F%2F192.0.2.1%2F'],
                'with' => ['status' => 403, 'reason' => 'hidden'], 'twin' => ['status' => 200, 'has' => 'wget.php answers'], 'lines' => $hidden],
        ],
    ],
    require __DIR__ . '/steps-live.php',
    [
        'id' => 'masks', 'title' => 'No masks, and nothing to find in the log', 'picture' => 'masks',
        'intro' => 'Two things that are easily forgotten. A chat bans people by their address, and believes a header that '
            . 'anybody can send. And every server writes the addresses it is asked for into its log, links included.',
        'steps' => [
            ['id' => 'ban-mask', 'who' => 'visitor', 'title' => 'A banned visitor with a new address',
                'try' => 'Sends “Client-IP: 203.0.113.77” and is somebody else, as often as wanted.',
                'so' => 'The script never sees the header; it knows the visitor as ' . VISITOR . '.',
                'request' => ['path' => '/chat/avc_settings.php?x=1&userId=7', 'headers' => ['Client-IP' => '203.0.113.77']],
                'with' => ['status' => 200, 'has' => 'clientUniqueIdentifier=' . VISITOR, 'lacks' => '203.0.113.77'],
                'twin' => ['status' => 200, 'has' => 'clientUniqueIdentifier=203.0.113.77'], 'lines' => ['AvcScrubHeaders']],
            ['id' => 'log-clean', 'who' => 'visitor', 'title' => 'Reading the server’s log',
                'try' => 'Gets to see a log, at the host’s, in a backup or in statistics, and takes working links from it.',
                'so' => 'Every link is there, but with “mac.*” for its signature. This step reads this server’s logs.',
                'request' => ['path' => '/tour/log.php?count=1'],
                'with' => ['status' => 200, 'has' => '"links with their signature": 0,', 'lacks' => '"links without it": 0,'],
                'twin' => null, 'lines' => ['AvcKeyFile']],
        ],
    ],
];
