# SPDX-License-Identifier: Apache-2.0
# A real Tomcat behind httpd's proxy: Debian's package, with a base directory of its own, as an
# ordinary user. One connector as it comes, one that takes what Tomcat can be told to take, one for
# AJP. It serves files and looks at nothing else.
import os

from . import httpd
from .service import Service

HOME = "/usr/share/tomcat10"
SERVER = """<?xml version="1.0" encoding="UTF-8"?>
<Server port="-1">
  <Service name="Catalina">
    <Connector address="127.0.0.1" port="@strict@" maxThreads="5"/>
    <Connector protocol="AJP/1.3" address="127.0.0.1" port="@ajp@" secretRequired="false" maxThreads="5"/>
    <Connector address="127.0.0.1" port="@port@" maxThreads="5" allowBackslash="true"
               encodedSolidusHandling="decode" rejectIllegalHeader="false"/>
    <Engine name="Catalina" defaultHost="localhost">
      <Host name="localhost" appBase="webapps" autoDeploy="false">
        <Context path="" docBase="@root@/site"/>
      </Host>
    </Engine>
  </Service>
</Server>
"""
WEB = """<?xml version="1.0" encoding="UTF-8"?>
<web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="5.0">
  <servlet>
    <servlet-name>default</servlet-name>
    <servlet-class>org.apache.catalina.servlets.DefaultServlet</servlet-class>
  </servlet>
  <servlet-mapping><servlet-name>default</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
</web-app>
"""


class Tomcat(Service):
    """site: {name: text} of its root context. port takes most; strict and ajp are the others."""

    def __init__(self, site):
        self.strict, self.ajp = httpd.free_port(), httpd.free_port()
        command = ["java", "-Xmx64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                   "-Djava.io.tmpdir=@root@/temp", "-Dcatalina.home=" + HOME, "-Dcatalina.base=@root@",
                   "-cp", HOME + "/bin/bootstrap.jar:" + HOME + "/bin/tomcat-juli.jar",
                   "org.apache.catalina.startup.Bootstrap", "start"]
        files = {"conf/server.xml": SERVER, "conf/web.xml": WEB, "temp/.keep": "", "webapps/.keep": "",
                 "work/.keep": "", "logs/.keep": ""}
        files.update({os.path.join("site", name): text for name, text in site.items()})
        super().__init__(files, command, seconds=60, strict=self.strict, ajp=self.ajp)
