//! Prints what is down or slow now, and why.

// In Cargo.toml:
// ureq = { version = "3", features = ["json"] }
// serde_json = "1"

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let base = std::env::args().nth(1).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let address = format!("{base}/api/v1/sites?status=down,slow&fields=slug,summary");
    let page: serde_json::Value = ureq::get(address).call()?.into_body().read_json()?;
    for site in page["sites"].as_array().into_iter().flatten() {
        println!("{}: {}", site["slug"], site["summary"]);
    }
    Ok(())
}
