using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace GameStack.Proxy.Gateway.Listening;

/// <summary>
/// A connection whose socket is read and written directly. (Those of Kestrel's own transport run two pipes each, which cost memory, and
/// time for every line.) Its <see cref="Transport"/> exists for what comes before the bytes of the game: TLS, and the first line.
/// </summary>
internal sealed class SocketConnection : ConnectionContext, IConnectionSocketFeature
{
    private static readonly StreamPipeReaderOptions ReaderOptions = new(leaveOpen: true, useZeroByteReads: true);
    private static readonly StreamPipeWriterOptions WriterOptions = new(leaveOpen: true);

    private string? _id;
    private IDictionary<object, object?>? _items;
    private IDuplexPipe? _transport;

    public SocketConnection(Socket socket)
    {
        Socket = socket;
        RemoteEndPoint = socket.RemoteEndPoint;
        Features.Set<IConnectionSocketFeature>(this);
    }

    public Socket Socket { get; }

    public override IFeatureCollection Features { get; } = new FeatureCollection(initialCapacity: 6);

    public override EndPoint? RemoteEndPoint { get; set; }

    public override EndPoint? LocalEndPoint
    {
        get => Socket.LocalEndPoint;
        set => throw new NotSupportedException();
    }

    public override string ConnectionId
    {
        get => _id ??= Guid.NewGuid().ToString("N");
        set => _id = value;
    }

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport
    {
        get => _transport ??= new SocketPipe(new NetworkStream(Socket));
        set => _transport = value;
    }

    public override void Abort(ConnectionAbortedException abortReason) => Socket.Dispose();

    public override ValueTask DisposeAsync()
    {
        Socket.Dispose();
        return base.DisposeAsync();
    }

    private sealed class SocketPipe(NetworkStream stream) : IDuplexPipe
    {
        private PipeWriter? _output;

        public PipeReader Input { get; } = PipeReader.Create(stream, ReaderOptions);

        public PipeWriter Output => _output ??= PipeWriter.Create(stream, WriterOptions);
    }
}
