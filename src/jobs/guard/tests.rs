//! The guard against a table of spellings, and against names that lead elsewhere the second time. No packet is sent.
//!
//! Deliberately not here: that requests go to the machines that were checked (`tests/it/deliveries`).

use std::collections::VecDeque;

use parking_lot::Mutex;

use super::*;

fn exceptions(all: &[&str]) -> Exceptions {
    Exceptions::new(all.iter().map(|one| one.parse().expect("an exception")).collect())
}

/// Names by the book, in the order in which they are asked for.
struct Book(Mutex<VecDeque<&'static [&'static str]>>);

impl Resolve for Book {
    fn look_up<'a>(&'a self, _: &'a str, port: u16) -> LookingUp<'a> {
        let page = self.0.lock().pop_front();
        Box::pin(async move {
            let page = page.ok_or_else(|| io::Error::other("asked once too often"))?;
            Ok(page.iter().map(|ip| SocketAddr::new(ip.parse().expect("an address"), port)).collect())
        })
    }
}

const REFUSED: [(&str, Refused, &str); 76] = [
    ("http://127.0.0.1/", Refused::NotPublic, "loopback"),
    ("http://127.255.255.254/", Refused::NotPublic, "all of it"),
    ("http://127.1/", Refused::NotPublic, "loopback in short"),
    ("http://2130706433/", Refused::NotPublic, "as one number"),
    ("http://0x7f000001/", Refused::NotPublic, "in hexadecimal"),
    ("http://0X7F.0.0.1/", Refused::NotPublic, "partly in hexadecimal"),
    ("http://0177.0.0.1/", Refused::NotPublic, "in octal"),
    ("http://017700000001/", Refused::NotPublic, "as one octal number"),
    ("http://127.0.0.1./", Refused::NotPublic, "with a dot at its end"),
    ("http://127%2e0%2e0%2e1/", Refused::NotPublic, "with dots in percents"),
    ("http://１２７.0.0.1/", Refused::NotPublic, "in wide digits"),
    ("http://127。0。0。1/", Refused::NotPublic, "with wide dots"),
    ("http:\\\\127.0.0.1\\", Refused::NotPublic, "with backslashes"),
    ("http:127.0.0.1", Refused::NotPublic, "without slashes"),
    ("  http://127.0.0.1/  ", Refused::NotPublic, "with blanks around"),
    ("http://127.0.\n0.1/", Refused::NotPublic, "with a line's end inside"),
    ("HTTP://127.0.0.1:80/", Refused::NotPublic, "in capitals, with its port"),
    ("https://127.0.0.1:443/", Refused::NotPublic, "over TLS"),
    ("http://0/", Refused::NotPublic, "this machine"),
    ("http://0.0.0.0/", Refused::NotPublic, "any machine"),
    ("http://0.1.2.3/", Refused::NotPublic, "this network"),
    ("http://10.0.0.1/", Refused::NotPublic, "private"),
    ("http://10.255.255.255/", Refused::NotPublic, "private to its end"),
    ("http://0xa.0.0.1/", Refused::NotPublic, "private in hexadecimal"),
    ("http://172.16.0.1/", Refused::NotPublic, "private again"),
    ("http://172.31.255.254/", Refused::NotPublic, "to its end"),
    ("http://192.168.0.1/", Refused::NotPublic, "private at home"),
    ("http://192.168.257/", Refused::NotPublic, "in short"),
    ("http://3232235777/", Refused::NotPublic, "as one number"),
    ("http://169.254.169.254/", Refused::NotPublic, "a cloud's metadata"),
    ("http://2852039166/", Refused::NotPublic, "as one number"),
    ("http://0251.0376.0251.0376/", Refused::NotPublic, "in octal"),
    ("http://169.254.0.1/", Refused::NotPublic, "link-local"),
    ("http://100.64.0.1/", Refused::NotPublic, "a carrier's own"),
    ("http://100.127.255.254/", Refused::NotPublic, "to its end"),
    ("http://192.0.0.1/", Refused::NotPublic, "protocols"),
    ("http://192.0.2.1/", Refused::NotPublic, "documentation"),
    ("http://198.51.100.7/", Refused::NotPublic, "documentation"),
    ("http://203.0.113.9/", Refused::NotPublic, "documentation"),
    ("http://192.88.99.1/", Refused::NotPublic, "a 6to4 relay"),
    ("http://198.18.0.1/", Refused::NotPublic, "benchmarking"),
    ("http://198.19.255.254/", Refused::NotPublic, "to its end"),
    ("http://224.0.0.1/", Refused::NotPublic, "multicast"),
    ("http://239.255.255.250/", Refused::NotPublic, "multicast"),
    ("http://240.0.0.1/", Refused::NotPublic, "reserved"),
    ("http://255.255.255.255/", Refused::NotPublic, "broadcast"),
    ("http://[::1]/", Refused::NotPublic, "loopback in IPv6"),
    ("http://[0:0:0:0:0:0:0:1]/", Refused::NotPublic, "at length"),
    ("http://[::]/", Refused::NotPublic, "any machine"),
    ("http://[::ffff:127.0.0.1]/", Refused::NotPublic, "mapped"),
    ("http://[::ffff:7f00:1]/", Refused::NotPublic, "mapped in hexadecimal"),
    ("http://[::ffff:10.0.0.1]/", Refused::NotPublic, "mapped private"),
    ("http://[::ffff:8.8.8.8]/", Refused::NotPublic, "mapped at all"),
    ("http://[::127.0.0.1]/", Refused::NotPublic, "compatible"),
    ("http://[::a9fe:a9fe]/", Refused::NotPublic, "compatible metadata"),
    ("http://[::ffff:0:127.0.0.1]/", Refused::NotPublic, "translated as of old"),
    ("http://[64:ff9b::7f00:1]/", Refused::NotPublic, "translated"),
    ("http://[64:ff9b::169.254.169.254]/", Refused::NotPublic, "translated metadata"),
    ("http://[64:ff9b:1::a00:1]/", Refused::NotPublic, "translated locally"),
    ("http://[2002:7f00:1::]/", Refused::NotPublic, "6to4 of loopback"),
    ("http://[2001:0:53aa:64c::]/", Refused::NotPublic, "Teredo"),
    ("http://[2001:2::1]/", Refused::NotPublic, "benchmarking"),
    ("http://[2001:db8::1]/", Refused::NotPublic, "documentation"),
    ("http://[3fff::1]/", Refused::NotPublic, "documentation"),
    ("http://[100::1]/", Refused::NotPublic, "discarded"),
    ("http://[fc00::1]/", Refused::NotPublic, "unique local"),
    ("http://[fd12:3456:789a::1]/", Refused::NotPublic, "unique local"),
    ("http://[fe80::1]/", Refused::NotPublic, "link-local"),
    ("http://[fec0::1]/", Refused::NotPublic, "site-local"),
    ("http://[ff02::1]/", Refused::NotPublic, "multicast"),
    ("http://localhost/", Refused::NotPublic, "this machine's name"),
    ("http://db.LOCALHOST./", Refused::NotPublic, "a name below it"),
    ("http://user:pw@hooks.example/", Refused::Credentials, "a password"),
    ("http://127.0.0.1@hooks.example/", Refused::Credentials, "a user that looks like a host"),
    ("https://hooks.example:8443/", Refused::Port, "another port"),
    ("http://8.8.8.8:22/", Refused::Port, "another port of a public machine"),
];

#[test]
fn no_spelling_leads_inside() {
    for (url, refused, why) in REFUSED {
        assert_eq!(plausible(url, &Exceptions::default()), Err(refused), "{why}: {url:?}");
    }
    for (url, refused, why) in [
        ("", Refused::Unreadable, "nothing"),
        ("hooks.example", Refused::Unreadable, "no scheme"),
        ("http://", Refused::Unreadable, "no host"),
        ("http://[fe80::1%25eth0]/", Refused::Unreadable, "a zone"),
        ("http://256.256.256.256/", Refused::Unreadable, "no address"),
        ("ftp://hooks.example/", Refused::Scheme, "FTP"),
        ("file:///etc/passwd", Refused::Scheme, "a file"),
        ("gopher://hooks.example:80/", Refused::Scheme, "gopher"),
        ("javascript:alert(1)", Refused::Scheme, "no address at all"),
    ] {
        assert_eq!(plausible(url, &Exceptions::default()), Err(refused), "{why}: {url:?}");
    }
    for url in [
        "https://hooks.example/path?a=b",
        "http://hooks.example:80/",
        "https://8.8.8.8/",
        "http://172.32.0.1/",
        "http://100.128.0.1/",
        "http://[2606:4700:4700::1111]/",
        "https://example.com:443/",
    ] {
        assert!(plausible(url, &Exceptions::default()).is_ok(), "{url} is public");
    }
}

#[test]
fn exceptions_are_for_their_place_and_port() {
    for (allowed, url, passes, why) in [
        ("127.0.0.1", "http://127.0.0.1:9000/", true, "an address, any port"),
        ("127.0.0.1:9000", "http://127.0.0.1:9000/", true, "its port"),
        ("127.0.0.1:9000", "http://127.0.0.1:9001/", false, "another port"),
        ("127.0.0.1:9000", "http://127.0.0.1/", false, "the usual port is not named"),
        ("10.0.0.0/8", "http://10.9.8.7/", true, "a block"),
        ("10.0.0.0/8:8080", "http://10.9.8.7:8080/", true, "a block at a port"),
        ("10.0.0.0/8", "http://11.0.0.1:8080/", false, "a public machine at another port"),
        ("10.0.0.0/8", "http://192.168.0.1/", false, "outside of the block"),
        ("10.0.0.0/8", "http://[::ffff:10.0.0.1]/", false, "another spelling of it"),
        ("[::1]:9000", "http://[::1]:9000/", true, "IPv6"),
        ("fd00::/8", "http://[fd12::1]/", true, "a block of IPv6"),
        ("hooks.internal", "http://hooks.internal:1234/", true, "a name, any port"),
        ("Hooks.Internal:1234", "http://HOOKS.internal.:1234/", true, "a name in capitals, with a dot"),
        ("hooks.internal", "http://evil.hooks.internal:1234/", false, "a name below it"),
        ("localhost:9000", "http://localhost:9000/", true, "this machine's name"),
    ] {
        assert_eq!(plausible(url, &exceptions(&[allowed])).is_ok(), passes, "{allowed} {url}: {why}");
    }
    for text in
        ["", "http://a.example", "10.0.0.0/33", "a.example:0", "a.example:x", "[::1", "a b", "10.0.0/8", "::1/129"]
    {
        assert_eq!(text.parse::<Exception>(), Err(NoException), "{text:?}");
    }
}

async fn admitted(allowed: &[&str], url: &str, book: &[&'static [&'static str]]) -> Result<Vec<String>, String> {
    let book = Book(Mutex::new(book.iter().copied().collect()));
    let admitted = Guard::with(exceptions(allowed), Arc::new(book)).admit(url).await.map_err(|why| why.to_string())?;
    Ok(admitted.machines.iter().map(ToString::to_string).collect())
}

#[tokio::test]
async fn a_name_is_asked_for_once_and_all_that_it_leads_to_is_checked() {
    let inside = Err(Refused::NotPublic.to_string());
    for (allowed, book, expected, why) in [
        (
            &[][..],
            &[&["93.184.215.14"][..], &["127.0.0.1"]][..],
            Ok(vec!["93.184.215.14:80".to_owned()]),
            "the first answer",
        ),
        (&[], &[&["127.0.0.1"]], inside.clone(), "loopback"),
        (&[], &[&["93.184.215.14", "10.0.0.1"]], inside.clone(), "one of several inside"),
        (&[], &[&["::ffff:10.0.0.1"]], inside.clone(), "mapped"),
        (&["10.0.0.0/8"], &[&["10.0.0.1"]], Ok(vec!["10.0.0.1:80".to_owned()]), "an exception"),
        (&["10.0.0.0/8"], &[&["10.0.0.1", "127.0.0.1"]], inside.clone(), "an exception and another"),
        (&["hooks.example"], &[&["127.0.0.1"]], Ok(vec!["127.0.0.1:80".to_owned()]), "its name is an exception"),
        (&["hooks.example:81"], &[&["127.0.0.1"]], inside, "its name at another port"),
        (&[], &[&[]], Err(NotAdmitted::Unresolved.to_string()), "nothing"),
        (&[], &[], Err(NotAdmitted::Unresolved.to_string()), "nobody answers"),
    ] {
        assert_eq!(admitted(allowed, "http://hooks.example/", book).await, expected, "{why}");
    }
    let far = admitted(&["10.0.0.0/8"], "http://hooks.example:8080/", &[&["93.184.215.14"]]).await;
    assert_eq!(far, Err(Refused::Port.to_string()), "the port is an exception's, and the machine is not");
}
