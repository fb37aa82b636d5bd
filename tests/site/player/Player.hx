// SPDX-License-Identifier: Apache-2.0
//
// A small SWF that does what a chat's SWF does before it connects: loads settings and a picture by
// relative names, has its token from FlashVars or asks token_request for one, and shows it to the
// media server. FlashVars: media (rtmp://host:port/app), username, and perhaps token.
// The page sees what it got by seen(), and makes it connect once more, with the same token, by again().

import flash.Lib;
import flash.display.Loader;
import flash.display.Sprite;
import flash.events.Event;
import flash.events.IOErrorEvent;
import flash.external.ExternalInterface;
import flash.net.URLLoader;
import flash.net.URLLoaderDataFormat;
import flash.net.URLRequest;
import flash.net.URLRequestMethod;
import flash.net.URLVariables;
import flash.text.TextField;
import flash.text.TextFormat;

class Player extends Sprite {
    final given: Dynamic = Lib.current.loaderInfo.parameters;
    final text = new TextField();
    final connections: Array<String> = [];
    var token: String;
    var source = "";
    var welcome = "";
    var picture = "";

    static function main() {
        Lib.current.addChild(new Player());
    }

    function new() {
        super();
        text.defaultTextFormat = new TextFormat("_sans", 15, 0x1C2440);
        text.width = 460;
        text.height = 160;
        text.x = text.y = 10;
        text.multiline = text.wordWrap = true;
        addChild(text);
        ExternalInterface.addCallback("seen", seen);
        ExternalInterface.addCallback("again", connect);
        ask("avc_settings.php?x=1&userId=7", null, answer -> welcome = answer.welcomeMessage);
        showPicture("uploadedFiles/cat.jpg");
        token = given.token;
        if (token != null) {
            source = "FlashVars";
            connect();
        } else {
            requestToken();
        }
    }

    function seen(): Dynamic {
        return {welcome: welcome, picture: picture, token: token, source: source, connections: connections};
    }

    function requestToken() {
        final fields = new URLVariables();
        Reflect.setField(fields, "username", given.username);
        ask("token_request.php", fields, answer -> {
            source = "token_request";
            token = answer.token;
            if (answer.writesuccess == "true") connect() else connections.push("no token");
        });
    }

    /** GET, or a POST of these fields; the answer is a=b&c=d. */
    function ask(name: String, fields: URLVariables, take: Dynamic -> Void) {
        final request = new URLRequest(name);
        if (fields != null) {
            request.method = URLRequestMethod.POST;
            request.data = fields;
        }
        final loader = new URLLoader();
        loader.dataFormat = URLLoaderDataFormat.VARIABLES;
        loader.addEventListener(Event.COMPLETE, _ -> {
            take(loader.data);
            show();
        });
        loader.addEventListener(IOErrorEvent.IO_ERROR, _ -> show('$name did not come'));
        loader.load(request);
    }

    function showPicture(name: String) {
        final loader = new Loader();
        loader.contentLoaderInfo.addEventListener(Event.COMPLETE, _ -> {
            picture = '${loader.content.width} x ${loader.content.height}';
            loader.scaleX = loader.scaleY = 130 / loader.content.height;
            show();
        });
        loader.contentLoaderInfo.addEventListener(IOErrorEvent.IO_ERROR, _ -> show('$name did not come'));
        loader.x = 10;
        loader.y = 180;
        addChild(loader);
        loader.load(new URLRequest(name));
    }

    /** The token goes where nginx-rtmp passes it on from: behind the application's name. */
    function connect() {
        final media = ~/^rtmp:\/\/([^:\/]+):([0-9]+)\/(.*)$/;
        if (!media.match(given.media)) throw 'no address of a media server: ${given.media}';
        new Rtmp(media.matched(1), Std.parseInt(media.matched(2)), '${media.matched(3)}?avc=$token', word -> {
            connections.push(word);
            show();
        });
    }

    function show(?trouble: String) {
        final lines = ['Settings: $welcome', 'Picture: $picture', 'Token: from $source'];
        for (number => word in connections) lines.push('Connection ${number + 1}: $word');
        if (trouble != null) lines.push(trouble);
        text.text = lines.join("\n");
    }
}
