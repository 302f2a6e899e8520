//! Who asks when a proxy stands in between: only a proxy that is named is believed about it.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The proxies that are believed. Without any, an address is that of the connection.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<IpNet>);

/// What a proxy says of whom it speaks for.
const SAID: &str = "x-forwarded-for";

impl Proxies {
    /// Reads networks, such as `10.1.2.0/24`, and single addresses.
    ///
    /// # Errors
    /// A sentence for whoever wrote the configuration.
    pub fn parse(texts: &[String]) -> Result<Self, String> {
        let net = |text: &String| {
            let alone = IpAddr::from_str(text).map(IpNet::from);
            let net = alone.or_else(|_| IpNet::from_str(text));
            net.map_err(|_| format!("trusted_proxies: {text:?} is not an address or a network"))
        };
        texts.iter().map(net).collect::<Result<_, _>>().map(Self)
    }

    /// Whoever asks: the last in the chain that is not one of ours. What stands before them is their
    /// own word for it, and not believed.
    pub fn asker(&self, connected: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        if !self.ours(connected.ip()) {
            return connected;
        }
        let mut asker = connected;
        for line in headers.get_all(SAID).iter().rev() {
            for said in line.to_str().unwrap_or("?").rsplit(',') {
                let Some(address) = address(said.trim()) else {
                    return asker;
                };
                asker = SocketAddr::new(address, 0);
                if !self.ours(address) {
                    return asker;
                }
            }
        }
        asker
    }

    fn ours(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|one| one.ip());
    text.parse().or_else(|_| with_port()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asker(proxies: &[&str], connected: &str, said: &[&str]) -> String {
        let proxies: Vec<String> = proxies.iter().map(ToString::to_string).collect();
        let proxies = Proxies::parse(&proxies).unwrap();
        let mut headers = HeaderMap::new();
        for line in said {
            headers.append(SAID, line.parse().unwrap());
        }
        let connected = SocketAddr::new(connected.parse().unwrap(), 4711);
        proxies.asker(connected, &headers).ip().to_string()
    }

    #[test]
    fn without_a_named_proxy_nobody_is_believed() {
        assert_eq!(asker(&[], "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(
            asker(&["10.0.0.0/8"], "192.0.2.1", &["198.51.100.7"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn a_named_proxy_is_believed_about_the_last_address_only() {
        let proxies = ["10.0.0.0/8", "::1"];
        let said = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(asker(&proxies, "10.1.2.3", &said), "198.51.100.7");
        assert_eq!(asker(&proxies, "::ffff:10.1.2.3", &said), "198.51.100.7");
        assert_eq!(
            asker(&proxies, "::1", &["198.51.100.7:5000"]),
            "198.51.100.7"
        );
    }

    #[test]
    fn a_chain_of_named_proxies_is_followed_back_to_the_first_that_is_not_one() {
        let said = ["203.0.113.9", "198.51.100.7, 10.0.0.2", "10.0.0.3"];
        assert_eq!(asker(&["10.0.0.0/8"], "10.0.0.1", &said), "198.51.100.7");
        assert_eq!(asker(&["10.0.0.0/8"], "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            asker(&["10.0.0.0/8"], "10.0.0.1", &["nonsense"]),
            "10.0.0.1"
        );
        assert_eq!(
            asker(&["10.0.0.0/8"], "10.0.0.1", &["203.0.113.9, x, 10.0.0.2"]),
            "10.0.0.2"
        );
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["10.0.0.0/33", "proxy.example.test", "", "10.0.0"] {
            assert!(Proxies::parse(&[text.into()]).is_err(), "{text}");
        }
    }
}
