//! What `pin: {cookie: {value: server_id}}` does, on Rust's proxy-wasm SDK: the peer of bench/.
//! Configuration: `COOKIE ID=ip:port ID=ip:port ...`.
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, MetricType};
use std::collections::HashMap;
use std::rc::Rc;

const HAND_OFF: &str = "x-limpet-upstream";

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root { settings: Rc::new(Settings::default()) }) });
}}

#[derive(Default)]
struct Settings {
    cookie: String,
    /// Base64 of the address, by id.
    upstreams: HashMap<String, String>,
    /// Id, by base64 of the address.
    ids: HashMap<String, String>,
    stuck: u32,
    placed: u32,
    moved: u32,
}

struct Root {
    settings: Rc<Settings>,
}

impl Context for Root {}

impl RootContext for Root {
    fn on_configure(&mut self, _size: usize) -> bool {
        let text = String::from_utf8(self.get_plugin_configuration().unwrap_or_default()).unwrap_or_default();
        let mut words = text.split_whitespace();
        let mut settings = Settings {
            cookie: words.next().unwrap_or_default().to_string(),
            stuck: hostcalls::define_metric(MetricType::Counter, "sticky.stuck").unwrap(),
            placed: hostcalls::define_metric(MetricType::Counter, "sticky.placed").unwrap(),
            moved: hostcalls::define_metric(MetricType::Counter, "sticky.moved").unwrap(),
            ..Settings::default()
        };
        for word in words {
            if let Some((id, address)) = word.split_once('=') {
                settings.upstreams.insert(id.to_string(), base64(address.as_bytes()));
                settings.ids.insert(base64(address.as_bytes()), id.to_string());
            }
        }
        self.settings = Rc::new(settings);
        true
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream { settings: self.settings.clone(), asked: false }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

struct Stream {
    settings: Rc<Settings>,
    asked: bool,
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _count: usize, _end: bool) -> Action {
        let mut upstream = None;
        if let Some(cookies) = self.get_http_request_header("cookie") {
            let mut kept = String::with_capacity(cookies.len());
            for pair in cookies.split(';') {
                let (name, value) = pair.trim().split_once('=').unwrap_or((pair, ""));
                if name == self.settings.cookie {
                    upstream = self.settings.upstreams.get(value);
                } else {
                    if !kept.is_empty() {
                        kept.push_str("; ");
                    }
                    kept.push_str(pair.trim());
                }
            }
            // The application does not get the proxy's cookie.
            if kept.len() != cookies.len() {
                self.set_http_request_header("cookie", if kept.is_empty() { None } else { Some(&kept) });
            }
        }
        self.asked = upstream.is_some();
        self.set_http_request_header(HAND_OFF, upstream.map(String::as_str));
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _count: usize, _end: bool) -> Action {
        match self.get_http_response_header(HAND_OFF) {
            None => {
                let counter = if self.asked { self.settings.stuck } else { self.settings.placed };
                hostcalls::increment_metric(counter, 1).unwrap();
            }
            Some(upstream) => {
                self.set_http_response_header(HAND_OFF, None);
                if let Some(id) = self.settings.ids.get(&upstream) {
                    let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Lax", self.settings.cookie, id);
                    self.add_http_response_header("set-cookie", &cookie);
                    self.set_http_response_header("cache-control", Some("private"));
                }
                let counter = if self.asked { self.settings.moved } else { self.settings.placed };
                hostcalls::increment_metric(counter, 1).unwrap();
            }
        }
        Action::Continue
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().enumerate().fold(0u32, |bits, (i, byte)| bits | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            text.push(if i > chunk.len() { '=' } else { DIGITS[(bits >> (18 - 6 * i) & 63) as usize] as char });
        }
    }
    text
}
