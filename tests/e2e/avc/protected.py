# SPDX-License-Identifier: Apache-2.0
# One small site with every kind of protection on it, for the tests that try to get around them:
# what is protected is one word, so that a test need only look whether it comes out.
from .httpd import USUAL
from .peers import ADMIN, MEDIA

SECRET = "THE-PROTECTED-CONTENT"
MANY = USUAL + ("speling cgid asis cache cache_disk dav dav_fs dav_lock macro remoteip userdir "
                "vhost_alias unique_id allowmethods ratelimit lua").split()
PROTECT = """
AvcKeyFile "@keys@"
AvcMediaServer 127.0.0.2
AvcAdmin 127.0.0.3
AvcMediaServerScripts avchat
AvcAdminScripts avchat
AvcHidden avchat
<Location "/signed">
    AvcSignedURL On
</Location>
<Directory "@docroot@/bydir">
    AvcMediaServerOnly On
</Directory>
<Files "byname.txt">
    AvcMediaServerOnly On
</Files>
"""
SITE = {
    "chat/writeuserslist.php": SECRET, "chat/admin.html": SECRET, "chat/avc_settings.xml": SECRET,
    "chat/index.html": "home", "signed/a.txt": SECRET, "bydir/a.txt": SECRET, "x/byname.txt": SECRET,
    "signed/dir/index.html": SECRET, "open.txt": "open",
}
# What each protection protects, and who may have it.
PROTECTED = {
    "/chat/writeuserslist.php": MEDIA, "/chat/admin.html": ADMIN, "/chat/avc_settings.xml": None,
    "/signed/a.txt": None, "/bydir/a.txt": MEDIA, "/x/byname.txt": MEDIA,
}


def comes_out(server, target, **how):
    """True if the protected content reached the client; the log lines are dropped."""
    answer = server.ask(target, **how)
    server.log.disregard(r"AVC\d{4}: |AH01630|AH0137\d|unable to include|AH00124|AH10292|AH00670")
    return SECRET in answer.text


def assert_shut(server, **how):
    for path in PROTECTED:
        assert not comes_out(server, path, **how), path
